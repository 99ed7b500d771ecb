import { expect, test } from 'vitest';
import { buildSchema } from '../src/schema.ts';
import { attackSchema } from '../src/testing/index.ts';
import { nastySchemas } from '../test/access/attack/schemas.ts';
import { withoutStacks } from '../test/access/attack/without-stacks.ts';
import {
  expectAnswers,
  expectExplanation,
  expectMatrix,
  expectOneTable,
  expectVisibility,
} from '../test/access/property/properties.ts';
import { report } from './report.ts';

const RUNS = 2_000;

withoutStacks();

test.each([
  ['answers', expectAnswers],
  ['the matrix', expectMatrix],
  ['explanations', expectExplanation],
  ['visibility', expectVisibility],
  ['order', expectOneTable],
])('%s of random schemas are those of an independent oracle', async (name, expectProperty) => {
  await expectProperty({ runs: RUNS });
  report(`random schemas: ${name}`, { schemas: RUNS });
});

test.each([{ name: 'the server', roleEnum: 'Role', schema: buildSchema() }, ...nastySchemas])(
  'every attack on $name fails',
  async ({ name, roleEnum, schema }) => {
    const { tried, denied, allowed, failures } = await attackSchema({ schema, roleEnum });
    expect(failures).toEqual([]);
    report(`attacks on ${name}`, { tried, denied, allowed });
  },
);
