import { fileURLToPath } from 'node:url';
import { accessCommand } from './cli/access.ts';
import { adminCommand } from './cli/admin.ts';
import { auditCommand } from './cli/audit.ts';
import { databaseCommand } from './cli/database.ts';
import { newCommand } from './cli/new.ts';
import type { CommandOutput } from './cli/output.ts';
import { readPassword } from './cli/read-password.ts';
import { usersCommand } from './cli/users.ts';
import { loadEnvironment, readConfig } from './config/config.ts';
import { buildSchema } from './schema.ts';

const USAGE = `Usage: npm run <group> -- <command>

  admin      create: the first administrator
  access     matrix | check | explain | schema | types: who may reach what
  audit      verify | prune: whether the audit trail is whole, and how long it is kept
  database   migrate | create | seed: the tables and what is in them
  new        domain: the files of a new kind of data
  users      import | export: users as CSV`;

const output: CommandOutput = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
};

async function run([group, ...args]: readonly string[]): Promise<number> {
  switch (group) {
    case 'access':
      return accessCommand(args, {
        ...output,
        schema: buildSchema(),
        matrixFile: fileURLToPath(new URL('../schema/ACCESS.md', import.meta.url)),
      });
    case 'admin':
      return adminCommand(args, readConfig(loadEnvironment()), {
        ...output,
        readPassword: () => readPassword({ input: process.stdin, output: process.stderr }),
      });
    case 'audit':
      return auditCommand(args, readConfig(loadEnvironment()), { ...output, now: () => new Date() });
    case 'database':
      return databaseCommand(args, readConfig(loadEnvironment()), output);
    case 'new':
      return newCommand(args, { ...output, project: fileURLToPath(new URL('..', import.meta.url)) });
    case 'users':
      return usersCommand(args, readConfig(loadEnvironment()), {
        ...output,
        now: () => new Date(),
        stdout: process.stdout,
      });
    default:
      output.err(USAGE);
      return 2;
  }
}

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  output.err(error instanceof Error ? error.message : String(error));
  return 1;
});
