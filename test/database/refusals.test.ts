import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { expect, it } from 'vitest';
import { UserEntity } from '../../src/database/entities/index.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { openTestDatabase } from '../support/database.ts';

const REFUSALS = 5_000;

it('the embedded database answers after 5,000 refusals: PGlite 0.5.8 ended its process after some 2,970', async () => {
  const database = await openTestDatabase();
  const scope = systemScope;
  const kinds: readonly (() => Promise<unknown>)[] = [
    () => database.run(scope, (em) => em.execute(`update users set username = 'admin' where username = 'guest'`)),
    () => database.run(scope, (em) => em.execute('select 1 / 0')),
    () => database.run({ ...scope, role: 'rolegate_public' }, (em) => em.execute('select * from credentials')),
    () => database.run(scope, (em) => em.execute('select nothing from nowhere')),
  ];
  const failures = new Map<string, number>();
  for (let index = 0; index < REFUSALS; index++) {
    const error: unknown = await kinds[index % kinds.length]?.().catch((failure: unknown) => failure);
    const name = error instanceof Error ? error.constructor.name : 'none';
    failures.set(name, (failures.get(name) ?? 0) + 1);
  }
  expect(failures.get(UniqueConstraintViolationException.name)).toBe(REFUSALS / kinds.length);
  expect(failures.has('none')).toBe(false);
  await expect(database.run(scope, (em) => em.count(UserEntity))).resolves.toBe(210);
  await database.close();
}, 180_000);
