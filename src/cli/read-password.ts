import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Where a password comes from: a terminal, or whatever is piped in. */
export interface PasswordInput {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Gets the questions; never what is typed. */
  readonly output: { readonly write: (text: string) => unknown };
}

/**
 * Reads a new password: asked for twice on a terminal, without showing what is typed; else all of the input, less one
 * line end.
 *
 * @returns null if the second differs from the first
 */
export async function readPassword({ input, output }: PasswordInput): Promise<string | null> {
  if (input.isTTY !== true) {
    return (await text(input)).replace(/\r?\n$/, '');
  }
  // readline shows what is typed by writing it: to nowhere.
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
