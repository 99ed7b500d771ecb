import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** The source of a password: a terminal, or piped input. */
export interface PasswordInput {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Receives the prompts, never the typed text. */
  readonly output: { readonly write: (text: string) => unknown };
}

/**
 * Reads a new password. On a terminal it prompts twice and does not show the typed text; otherwise it reads all of the
 * input, without the last line end.
 *
 * @returns null if the two entries differ
 */
export async function readPassword({ input, output }: PasswordInput): Promise<string | null> {
  if (input.isTTY !== true) {
    return (await text(input)).replace(/\r?\n$/, '');
  }
  // readline echoes typed text to its output, so the output discards it.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: nowhere, terminal: true });
  terminal.on('SIGINT', () => process.exit(130));
  const ask = async (question: string): Promise<string> => {
    output.write(question);
    const answer = await terminal.question('');
    output.write('\n');
    return answer;
  };
  try {
    const first = await ask('Password: ');
    return (await ask('Again: ')) === first ? first : null;
  } finally {
    terminal.close();
  }
}
