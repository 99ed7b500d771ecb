import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { accessCommand } from './cli/access.ts';
import { adminCommand } from './cli/admin.ts';
import { auditCommand } from './cli/audit.ts';
import { describeFailure } from './cli/failures.ts';
import { databaseCommand } from './cli/database.ts';
import { newCommand } from './cli/new.ts';
import type { CommandOutput } from './cli/output.ts';
import { readPassword } from './cli/read-password.ts';
import { usersCommand } from './cli/users.ts';
import { type Config, loadEnvironment, readConfig } from './config/config.ts';
import { buildSchema } from './schema.ts';

const USAGE = `Usage: npm run <group> -- <command>

  admin      create: create the first administrator
  access     matrix | check | explain | schema | types: show which roles may reach which fields
  audit      verify | prune: verify the audit trail, or remove old events
  database   migrate | create | seed: create, change and fill the tables
  new        domain: write the files of a new kind of data
  users      import | export: transfer users as CSV`;

const output: CommandOutput = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
};

/** Reads the configuration, and keeps it for the description of failures. */
function configure(): Config {
  config = readConfig(loadEnvironment());
  return config;
}

let config: Config | null = null;

async function run([group, ...args]: readonly string[]): Promise<number> {
  switch (group) {
    case 'access':
      return accessCommand(args, {
        ...output,
        schema: buildSchema(),
        matrixFile: fileURLToPath(new URL('../schema/ACCESS.md', import.meta.url)),
      });
    case 'admin':
      return adminCommand(args, configure(), {
        ...output,
        readPassword: () => readPassword({ input: process.stdin, output: process.stderr }),
      });
    case 'audit':
      return auditCommand(args, configure(), { ...output, now: () => new Date() });
    case 'database':
      return databaseCommand(args, configure(), output);
    case 'new':
      return newCommand(args, { ...output, project: fileURLToPath(new URL('..', import.meta.url)) });
    case 'users':
      return usersCommand(args, configure(), {
        ...output,
        now: () => new Date(),
        stdout: process.stdout,
      });
    default:
      output.err(USAGE);
      return 2;
  }
}

// The reader of a pipe may close it before everything is written: `npm run users -- export | head -1`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  output.err(describeFailure(error, config) ?? (error instanceof Error ? error.message : inspect(error)));
  return 1;
});
