import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackSchema } from 'rolegate/testing';
import { schema } from '../recipes/type-graphql.ts';
import { expectGuarded } from './guarded.ts';
import { askOf } from './in-process.ts';

test('TypeGraphQL', async () => {
  await expectGuarded(askOf(schema));
  assert.deepEqual((await attackSchema({ schema })).failures, []);
});
