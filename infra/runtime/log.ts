// Structured logs: fields, not sentences. JSON lines for machines, one readable line for people.

import { pino, type DestinationStream, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { redactFields, redactText } from './redact.ts';

export type Log = Logger;

type ChildMaker = (this: Log, bindings: object, options?: object) => Log;

export interface LogOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** The part that speaks: processor, supervisor, mysql … */
  readonly part: string;
  /** Readable lines instead of JSON; colours only when `colour` is set too. */
  readonly readable?: boolean;
  readonly colour?: boolean;
  /** Where lines go; default: standard error, so that standard output stays for results. */
  readonly destination?: DestinationStream;
}

/** A logger that writes at once (nothing is lost when the process is killed) and hides personal data and secrets. */
export function createLog(options: LogOptions): Log {
  const log: Log = pino(
    {
      level: options.level,
      base: { part: options.part },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      serializers: { err: (value: unknown) => value },
      hooks: {
        logMethod(args, method) {
          method.apply(this, cleanArguments(args) as typeof args);
        },
      },
    },
    target(options),
  );
  cleanChildBindings(log);
  return log;
}

/** pino drops the bindings formatter for children; their bindings are cleaned here (children inherit the method). */
function cleanChildBindings(log: Log): void {
  const makeChild = Reflect.get(log, 'child') as unknown as ChildMaker;
  const cleaned: ChildMaker = function (bindings, options) {
    return makeChild.call(this, redactFields(bindings), options);
  };
  Object.defineProperty(log, 'child', { value: cleaned });
}

/** A logger that says nothing: for tests. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}

/** Cleans the message; an error alone gets its message cleaned too (pino would copy it as it is). */
function cleanArguments(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (first instanceof Error && rest.length === 0) return [{ err: first }, redactText(first.message)];
  return args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg));
}

function target(options: LogOptions): DestinationStream {
  const destination = options.destination ?? pino.destination({ fd: 2, sync: true });
  if (options.readable !== true) return destination;
  const prettify = prettyFactory({
    colorize: options.colour === true,
    ignore: 'pid,hostname,part',
    messageFormat: '{part}: {msg}',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return { write: (line) => destination.write(prettify(line)) };
}
