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
    'mutation { saveNote(by: "7", text: "Mine") { text } }',
    'mutation { saveNote(by: "8", text: "Yours") { text } }',
    'mutation { signUp(name: "Ann") }',
  ]);
  await expectGuarded(askOf(after));
});
