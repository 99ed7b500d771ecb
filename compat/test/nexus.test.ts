import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackSchema } from 'rolegate/testing';
import { schema } from '../recipes/nexus.ts';
import { expectGuarded } from './guarded.ts';
import { askOf } from './in-process.ts';

test('Nexus', async () => {
  await expectGuarded(askOf(schema));
  assert.deepEqual((await attackSchema({ schema })).failures, []);
});
