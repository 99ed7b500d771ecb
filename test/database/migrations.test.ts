import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { runMigrations } from '../../src/database/migrate.ts';
import { connectEmbedded } from '../../src/database/orm.ts';

it('entities and tables agree once all migrations have run', async () => {
  const orm = await connectEmbedded({ folder: null });
  onTestFinished(() => orm.close());
  await runMigrations(orm, () => undefined);
  expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
  expect(await runMigrations(orm, () => undefined)).toEqual([]);
});

it('the prepopulated database is of the release that the tests open with this release of PGlite', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // There is no release of the prepopulated folder after 0.5.8. PGlite 0.5.16 opens it: try it again with another PGlite.
  expect(dependencies['@electric-sql/pglite-prepopulatedfs']).toBe('0.5.8');
  expect(dependencies['@electric-sql/pglite']).toBe('0.5.16');
});
