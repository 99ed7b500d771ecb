import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { emptyFolder, Program } from '../support/process.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** `npx mikro-orm` with these arguments, as in the root of the repository. */
async function mikroOrm(folder: string, ...args: string[]): Promise<{ code: unknown; output: string }> {
  const environment = { DATA_DIR: folder, NO_COLOR: '1' };
  const command = [fileOf('node_modules/@mikro-orm/cli/cli.js'), ...args, '--config', fileOf('mikro-orm.config.js')];
  const program = new Program(command, { folder: fileOf('.'), environment });
  const code = await program.ends();
  return { code, output: program.output };
}

it('a migration is only created for a database that has run those there are', async () => {
  const folder = emptyFolder();
  const early = await mikroOrm(folder, 'migration:create');
  expect(early.output).toContain('Run npx mikro-orm migration:up first: this database lacks 0001-foundation, ');
  expect(early.code).toBe(1);
  expect((await mikroOrm(folder, 'migration:up')).output).toContain('Successfully migrated up to the latest version');
});
