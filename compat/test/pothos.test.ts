import { test } from 'node:test';
import { schema } from '../recipes/pothos.ts';
import { expectGuarded } from './guarded.ts';
import { askOf } from './in-process.ts';

test('Pothos', async () => {
  await expectGuarded(askOf(schema));
});
