import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, enter, go, launch, ROOT, type Stand, violations } from './browser.ts';

const FILES =
  'package.json tsconfig.json codegen.yml examples console vitest.config.ts .oxfmtrc.json bin schema src test';

let project: string;
let stand: Stand;
let closeStand: () => Promise<void>;
beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'rolegate-domain-'));
  for (const file of FILES.split(' ')) {
    cpSync(join(ROOT, file), join(project, file), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  // GraphiQL is most of the time of a build, and the same for every domain.
  const config = join(project, 'console/vite.config.ts');
  writeFileSync(config, readFileSync(config, 'utf8').replace(", 'graphiql.html'", ''));
  const commands = 'npm run new -- domain supplier && npm run codegen && npx tsc -p console && npx vite build console';
  const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`;
  await promisify(execFile)('bash', ['-ec', commands], { cwd: project, env: { ...process.env, PATH } });
  const launched = await launch(project);
  closeStand = launched.close;
  stand = await connect(launched.address);
});
afterAll(async () => {
  await stand.close();
  await closeStand();
  rmSync(project, { recursive: true, force: true });
});

it('npm run new writes a page with a table, a form and a detail page', async () => {
  const manager = await enter(stand, 'MANAGER');
  const { page, complaints } = manager;
  const links = page.getByRole('navigation', { name: 'Navigation' });
  await links.getByRole('link', { name: 'Suppliers' }).click();
  await page.getByRole('heading', { name: 'Suppliers', level: 1 }).waitFor();
  await page.getByText('Nothing found.').waitFor();
  await page.getByRole('button', { name: 'New supplier' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Required').waitFor();
  await dialog.getByLabel('Name').fill('Birch Paper');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Birch Paper' }).waitFor();
  await dialog.waitFor({ state: 'detached' });
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Search').fill('nothing like it');
  await page.getByText('Nothing found.').waitFor();
  await page.getByLabel('Search').fill('birch');
  await page.getByRole('link', { name: 'Birch Paper' }).click();
  await page.getByRole('heading', { name: 'Birch Paper', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Name').fill('Birch Print');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Birch Print', level: 1 }).waitFor();
  await dialog.waitFor({ state: 'detached' });
  expect(await violations(page)).toEqual([]);

  const standard = await enter(stand, 'STANDARD');
  await go(standard, '/suppliers');
  await standard.page.getByRole('link', { name: 'Birch Print' }).click();
  await standard.page.getByRole('heading', { name: 'Birch Print', level: 1 }).waitFor();
  expect(await standard.page.getByRole('button', { name: /Edit|Delete|New/ }).count()).toBe(0);
  const anonymous = await enter(stand, null);
  await go(anonymous, '/suppliers');
  await anonymous.page.getByText('Sign in to see this page.').waitFor();

  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Nothing found.').waitFor();
  expect(complaints).toEqual([]);
});
