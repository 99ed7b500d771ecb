import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { ACCESS_USAGE } from './cli/access/usage.ts';
import { accessCommand } from './cli/access.ts';
import { ADMIN_USAGE, adminCommand, readPassword } from './cli/admin.ts';
import { AUDIT_USAGE, auditCommand } from './cli/audit.ts';
import { DATA_USAGE, dataCommand } from './cli/data.ts';
import { DOCUMENTS_USAGE, documentsCommand } from './cli/documents.ts';
import { type DescribedSettings, describeFailure } from './cli/failures.ts';
import { DATABASE_USAGE, databaseCommand } from './cli/database.ts';
import { NEW_USAGE, newCommand } from './cli/new.ts';
import { type CommandOutput, watchOutput } from './cli/output.ts';
import { UPGRADE_USAGE, upgradeCommand } from './cli/upgrade.ts';
import { USERS_USAGE, usersCommand } from './cli/users.ts';
import { type Environment, loadEnvironment, readConfig, readTablesConfig } from './config/config.ts';
import { buildSchema } from './schema.ts';

const USAGE = `Usage: npm run <group> -- <command>

  admin      create: create the first administrator
  access     matrix | check | explain | schema | types: show which roles may reach which fields
  audit      verify | prune: verify the audit trail, or remove old events
  data       export | import: move all rows between the embedded database and PostgreSQL
  database   migrate | create | seed: create, change and fill the tables
  documents  publish | list | remove: the documents that clients name by their hash
  new        domain: write the files of a new kind of data
  upgrade    check: what taking over a release will meet
  users      import | export: transfer users as CSV`;

const output: CommandOutput = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
};

/** Reads the configuration, and keeps it for the description of failures. */
function configure<Settings extends DescribedSettings>(read: (environment: Environment) => Settings): Settings {
  const settings = read(loadEnvironment());
  config = settings;
  return settings;
}

let config: DescribedSettings | null = null;

/** The usage of each group, for `--help`. */
const USAGES = new Map([
  ['access', ACCESS_USAGE],
  ['admin', ADMIN_USAGE],
  ['audit', AUDIT_USAGE],
  ['data', DATA_USAGE],
  ['database', DATABASE_USAGE],
  ['documents', DOCUMENTS_USAGE],
  ['new', NEW_USAGE],
  ['upgrade', UPGRADE_USAGE],
  ['users', USERS_USAGE],
]);

async function run([group = '', ...args]: readonly string[]): Promise<number> {
  if ([group, ...args].some((argument) => argument === '--help' || argument === '-h')) {
    output.out(USAGES.get(group) ?? USAGE);
    return 0;
  }
  switch (group) {
    case 'access':
      return accessCommand(args, {
        ...output,
        schema: buildSchema(),
        matrixFile: fileURLToPath(new URL('../schema/ACCESS.md', import.meta.url)),
      });
    case 'admin':
      return adminCommand(args, configure(readTablesConfig), {
        ...output,
        readPassword: () => readPassword({ input: process.stdin, output: process.stderr }),
      });
    case 'audit':
      return auditCommand(args, configure(readConfig), { ...output, now: () => new Date() });
    case 'data':
      return dataCommand(args, configure(readTablesConfig), output);
    case 'database':
      return databaseCommand(args, configure(readTablesConfig), output);
    case 'documents':
      return documentsCommand(args, configure(readTablesConfig), { ...output, now: () => new Date() });
    case 'new':
      return newCommand(args, { ...output, project: fileURLToPath(new URL('..', import.meta.url)) });
    case 'upgrade':
      return upgradeCommand(args, { ...output, project: fileURLToPath(new URL('..', import.meta.url)) });
    case 'users':
      return usersCommand(args, configure(readTablesConfig), {
        ...output,
        now: () => new Date(),
        stdout: process.stdout,
      });
    default:
      output.err(USAGE);
      return 2;
  }
}

watchOutput();
process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  output.err(describeFailure(error, config) ?? (error instanceof Error ? error.message : inspect(error)));
  return 1;
});
