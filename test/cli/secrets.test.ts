import { expect, it } from 'vitest';
import { emptyFolder, runCommand } from '../support/process.ts';

// A pipeline that publishes documents, or a job that exports the data, is given the address of the database alone.

it.each([
  ['data', 'export', 'rolegate.jsonl'],
  ['documents', 'list'],
  ['users', 'export'],
])('npm run %s needs no secret of tokens', async (...args) => {
  const environment = { NODE_ENV: 'production', DATABASE_URL: 'postgres://rolegate@127.0.0.1:1/rolegate' };
  const command = runCommand(args, { folder: emptyFolder(), environment });
  await command.ends();
  expect(command.output).not.toContain('JWT_SECRET');
  expect(command.output).toMatch(/cannot be reached/);
});
