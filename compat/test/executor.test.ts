import { test } from 'node:test';
import { ask } from '../recipes/executor.ts';
import { userNamed } from '../recipes/users.ts';
import { type Answer, expectGuarded } from './guarded.ts';

test('the executor of graphql-tools', () =>
  expectGuarded(async (source, user) => (await ask(source, { user: userNamed(user) })) as Answer));
