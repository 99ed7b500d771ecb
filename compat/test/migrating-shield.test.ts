import { test } from 'node:test';
import { schema as after } from '../recipes/migrated.ts';
import { schema as before } from '../recipes/shield-before.ts';
import { expectGuarded } from './guarded.ts';
import { askOf } from './in-process.ts';
import { expectSameData } from './same-data.ts';

test('graphql-shield, before and after', async () => {
  await expectSameData(askOf(before), askOf(after), [
    '{ articles { title draft views } }',
    'mutation { publish(title: "New") { title } }',
  ]);
  await expectGuarded(askOf(after));
});
