// What every part of the benchmark is told.

export interface BenchOptions {
  /** Smaller sizes and shorter runs. */
  readonly quick: boolean;
  /** The largest sizes as well. */
  readonly full: boolean;
  /** Change events of the catch-up backlog, when not the usual number. */
  readonly events: number | undefined;
  /** Length of the soak, when not the usual one. */
  readonly minutes: number | undefined;
  /** Settings of the product by environment name, to try other ones. */
  readonly settings: Readonly<Record<string, string>>;
  /** Flags of Node for the measured process: --cpu-prof. */
  readonly nodeFlags: readonly string[];
  /** Progress for the person who waits. */
  readonly tell: (text: string) => void;
}
