/** The output of a command: results and errors. Each text is one or more lines without the last line end. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
