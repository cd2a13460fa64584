// What the supervisor knows of a part: how to prepare it, what to start, when it is healthy, how long it may take.
// A further part (bank API, dashboards) is one more object of this shape in the list of steps.

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Part {
  readonly kind: 'part';
  /** Unique; names the log file too. */
  readonly name: string;
  readonly port: number | null;
  /** Where its log goes, relative to nothing. Standard output and error are appended to it unless `ownLog`. */
  readonly logFile: string;
  /** True when the program writes `logFile` itself; what it prints then goes to `<logFile>.out`. */
  readonly ownLog: boolean;
  readonly startDeadlineMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopDeadlineMs: number;
  /** Folders, configuration files and first-time initialisation; called before the first launch only. */
  prepare(signal: AbortSignal): Promise<void>;
  launch(): Launch;
  /** False or a throw: not yet. A LedgerflowError of kind fatal: never. */
  healthy(signal: AbortSignal): Promise<boolean>;
}

/** Something done once between two parts at every start: migrations, topics, registration. */
export interface StartTask {
  readonly kind: 'task';
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

export type Step = Part | StartTask;
