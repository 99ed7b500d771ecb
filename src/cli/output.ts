/** The output of a command: results and errors. Each text is one or more lines without the last line end. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Handles errors of standard output and standard error. The reader of a pipe may close it before everything is written
 * (`npm run access -- matrix | head -1`), which ends nothing; any other failure, such as a full disk, ends the process
 * with one sentence.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.stderr.write(`Standard output cannot be written (${error.code ?? error.message}).\n`);
      process.exit(1);
    }
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.exit(1);
    }
  });
}
