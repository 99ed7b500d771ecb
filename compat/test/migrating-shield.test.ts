import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { graphql } from 'graphql';
import { applyMiddleware, type IMiddlewareFunction } from 'graphql-middleware';
import { assertGuarded, authTypeDefsFor, guardSchema } from 'rolegate/access';
import { viewer } from '../recipes/data.ts';
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

test('other middleware is applied before the schema is guarded', async () => {
  const fields: string[] = [];
  const log: IMiddlewareFunction = async (resolve, source, args, context, info) => {
    fields.push(info.fieldName);
    return resolve(source, args, context, info) as unknown;
  };
  const typeDefs = [authTypeDefsFor('String'), 'type Query { open: String @public mine: String @auth }'];
  const schema = makeExecutableSchema({ typeDefs, resolvers: { Query: { open: () => 'open', mine: () => 'mine' } } });
  const guarded = guardSchema(applyMiddleware(schema, log), { viewer });
  const { data } = await graphql({ schema: guarded, source: '{ open mine }', contextValue: {} });
  assert.deepEqual({ ...data }, { open: 'open', mine: null });
  assert.deepEqual(fields, ['open']);
  assertGuarded(guarded);
  assert.throws(() => {
    assertGuarded(applyMiddleware(guarded, log));
  }, /Query\.mine: has lost its guard/);
});
