// Results go to standard output, everything else to standard error; a reader that closes the pipe ends the program quietly.

/** Call once before printing: `ledgerflow sql … | head` must end without a stack trace. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, null, 2));
}

/** A remark that is not part of the result. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}
