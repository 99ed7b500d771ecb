/** Where a command writes: what was asked for, and what went wrong. Each text is a line or more, without the last end. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
