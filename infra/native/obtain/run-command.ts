// Runs a package tool to its end, keeping its last lines for the error message.

import { spawn } from 'node:child_process';
import { lastLines } from '../log-tail.ts';

const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Standard output of `command`. @throws Error with the last lines of both streams when it fails or does not exist. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { signal, timeoutMs, input } = options;
    const child = spawn(command, args, {
      stdio: 'pipe',
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' as const }),
    });
    let out = '';
    let all = '';
    const keep = (text: string, isOut: boolean): void => {
      if (isOut && out.length < OUTPUT_BYTES_MAX) out += text;
      all = (all + text).slice(-4_000);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => keep(text, true));
    child.stderr.setEncoding('utf8').on('data', (text: string) => keep(text, false));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args[0] ?? ''} ended with ${code ?? killedBy}: ${lastLines(all, 4)}`));
    });
  });
}
