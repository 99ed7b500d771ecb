import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getEnveloped, getEnvelopedByViewer } from '../recipes/envelop.ts';
import { userNamed } from '../recipes/users.ts';
import { yoga } from '../recipes/yoga-plugin.ts';
import { type Answer, type Ask, expectGuarded, expectHidden } from './guarded.ts';
import { askBy } from './http.ts';

/** A server on Envelop, in a few lines. */
function askEnveloped(getEnveloped: (context: object) => ReturnType<typeof getEnvelopedByViewer>): Ask {
  return async (source, user) => {
    const { schema, parse, validate, contextFactory, execute } = getEnveloped({ user: userNamed(user) });
    const document = parse(source) as never;
    const errors = validate(schema, document) as Answer['errors'];
    if (errors !== undefined && errors.length > 0) {
      return { errors };
    }
    return (await execute({ schema, document, contextValue: await contextFactory() })) as Answer;
  };
}

test('useRolegate in Envelop', () => expectGuarded(askEnveloped(getEnveloped)));

test('useRolegate in Envelop, with the schema that each viewer may reach', () =>
  expectHidden(askEnveloped(getEnvelopedByViewer)));

test('useRolegate in GraphQL Yoga, with the schema that each viewer may reach', async () => {
  const ask = askBy((url, init) => yoga.fetch(url, init));
  await expectHidden(ask);
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) =>
      ask('{ articles { draft } }', index % 2 === 0 ? 'editor' : undefined),
    ),
  );
  assert.deepEqual(
    answers.map(({ data }) => data !== undefined),
    answers.map((_, index) => index % 2 === 0),
  );
});
