import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schema as after } from '../recipes/pothos.ts';
import { schema as before } from '../recipes/scope-auth-before.ts';
import { askOf } from './in-process.ts';
import { expectSameData } from './same-data.ts';

test('@pothos/plugin-scope-auth, before and after', () =>
  expectSameData(askOf(before), askOf(after), [
    '{ articles { title draft } }',
    '{ articles { views } }',
    'mutation { publish(title: "New") { title } }',
  ]));

test('a note of another viewer is null, before and after', async () => {
  for (const user of ['editor', 'admin']) {
    const [old, now] = [
      await askOf(before)('{ notes { text } }', user),
      await askOf(after)('{ notes { text } }', user),
    ];
    assert.deepEqual(now.data, old.data);
    assert.deepEqual(now.errors?.length, old.errors?.length);
  }
});
