import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createFirstAdmin, resetByOperator, ResetRefused } from '../auth/operator.ts';
import { createPasswordCheck } from '../auth/passwords/policy.ts';
import { createPasswordHasher, type PasswordHasher } from '../auth/passwords/hashing.ts';
import type { TablesConfig } from '../config/config.ts';
import { seedBuiltInRoles } from '../database/seed/seed.ts';
import { builtInRoles, buildSchema } from '../schema.ts';
import { isEmail, USERNAME } from '../lib/names.ts';
import { openDatabase } from '../database/database.ts';
import type { CommandOutput } from './output.ts';

export const ADMIN_USAGE = `Usage: npm run admin -- create <login>
       npm run admin -- reset <login>

  create  Creates the first SUPER_ADMIN, if there is none.
  reset   Sets the password of a user who cannot sign in, for instance of the only SUPER_ADMIN, and ends their sessions.
          The audit trail records it.

  <login> is a user name or an e-mail address. The command prompts for the password, or reads it from standard input;
  the password is never an argument.`;

/** The process's edges that the command uses. */
export interface AdminEdges extends CommandOutput {
  /** Prompts for the new password twice. null: the two entries differ. */
  readonly readPassword: () => Promise<string | null>;
  /** Replaces the server's own hasher, for tests. */
  readonly hasher?: PasswordHasher;
}

/**
 * Runs the `admin` command.
 *
 * @returns the exit code. 0: the administrator was created, or the password was set. 1: refused. 2: usage error.
 * @throws {FirstAdminRefused} if the password is easy to guess, or the login belongs to another user
 */
export async function adminCommand(args: readonly string[], config: TablesConfig, edges: AdminEdges): Promise<number> {
  const [command, login, ...rest] = args;
  if ((command !== 'create' && command !== 'reset') || login === undefined || rest.length > 0) {
    edges.err(ADMIN_USAGE);
    return 2;
  }
  if (!USERNAME.test(login) && !isEmail(login)) {
    edges.err(
      'The login must be an e-mail address or a user name: 2 to 40 of the characters a-z, 0-9, ".", "_" and "-".',
    );
    return 2;
  }
  const password = await edges.readPassword();
  if (password === null) {
    edges.err('The two passwords differ. Nothing was changed.');
    return 1;
  }
  return command === 'create' ? create(config, { login, password }, edges) : reset(config, { login, password }, edges);
}

async function create(
  config: TablesConfig,
  admin: { readonly login: string; readonly password: string },
  { out, err, hasher = createPasswordHasher() }: AdminEdges,
): Promise<number> {
  const database = await openDatabase(config, 'npm run admin', (step) => out(`… ${step}`));
  try {
    await seedBuiltInRoles(database.run, builtInRoles(buildSchema()));
    const checkPassword = createPasswordCheck({ serviceName: 'Rolegate' });
    if (await createFirstAdmin(database.run, { hasher, checkPassword }, admin, new Date())) {
      out(`Done: ${admin.login} is the first SUPER_ADMIN.`);
      return 0;
    }
    err('There is a SUPER_ADMIN already. They can appoint others with createUser and assignRole. Nothing was changed.');
    return 1;
  } finally {
    await database.close();
  }
}

async function reset(
  config: TablesConfig,
  login: { readonly login: string; readonly password: string },
  { out, err, hasher = createPasswordHasher() }: AdminEdges,
): Promise<number> {
  const database = await openDatabase(config, 'npm run admin', (step) => out(`… ${step}`));
  try {
    const checkPassword = createPasswordCheck({ serviceName: 'Rolegate' });
    await resetByOperator(database.run, { hasher, checkPassword }, login, new Date());
    out(`Done: ${login.login} has a new password, and no sessions.`);
    return 0;
  } catch (error) {
    if (error instanceof ResetRefused) {
      err(`${error.message} Nothing was changed.`);
      return 1;
    }
    throw error;
  } finally {
    await database.close();
  }
}

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
