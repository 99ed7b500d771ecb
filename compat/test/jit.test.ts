import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, type ExecutionResult, type GraphQLSchema, parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { type Context, viewer } from '../recipes/data.ts';
import { ask } from '../recipes/jit.ts';
import { userNamed } from '../recipes/users.ts';
import { type Answer, expectGuarded } from './guarded.ts';

test('graphql-jit', () =>
  expectGuarded(async (source, user) => (await ask(source, { user: userNamed(user) })) as unknown as Answer));

const typeDefs = `${authTypeDefs}
  enum Role { ADMIN }
  type Open @public { a: String }
  type Closed @auth(requires: ADMIN) { b: String }
  type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String }
  union Either = Open | Closed | Note
  interface Thing @public { x: Int }
  type Secret implements Thing @auth(requires: ADMIN) { x: Int }
  type Plain implements Thing @public { x: Int }
  input In { y: Int @auth(requires: ADMIN) }
  type Query @public {
    eithers: [Either] promised: [Either] either: Either things: [Thing] nested: [[Note]] find(in: In): Int open: String
  }
`;
const eithers = [
  { __typename: 'Open', a: 'a' },
  { __typename: 'Closed', b: 'b' },
  { __typename: 'Note', by: '8', text: 'yours' },
  { __typename: 'Note', by: '7', text: 'mine' },
];
const things = [
  { __typename: 'Secret', x: 1 },
  { __typename: 'Plain', x: 2 },
];
const resolvers = {
  Query: {
    eithers: () => eithers,
    promised: async () => eithers,
    either: () => eithers[1],
    things: () => things,
    nested: () => [eithers.slice(2)],
    find: () => 1,
    open: () => 'open',
  },
};

const SOURCES = [
  '{ open eithers { __typename ... on Open { a } ... on Closed { b } ... on Note { text } } }',
  '{ open promised { ... on Note { text } } }',
  '{ open either { __typename ... on Closed { b } } }',
  '{ open things { x } }',
  '{ open nested { text } }',
  '{ open find(in: { y: 1 }) }',
  'query ($in: In = { y: 1 }) { open find(in: $in) }',
];

function errorsOf({ errors = [] }: ExecutionResult): unknown {
  return errors.map(({ message, path, extensions }) => ({ message, path, extensions }));
}

for (const source of SOURCES) {
  for (const user of ['editor', 'admin']) {
    test(`graphql-jit answers ${user} as graphql-js does: ${source}`, async () => {
      const schema = guardSchema<Context>(makeExecutableSchema({ typeDefs, resolvers }), { viewer });
      const [document, contextValue] = [parse(source), { user: userNamed(user) }];
      const compiled = compileQuery(schema, document);
      assert(isCompiledQuery(compiled));
      const answer = (await compiled.query(undefined, contextValue, {})) as ExecutionResult;
      const expected = await execute({ schema, document, contextValue });
      assert.equal(JSON.stringify(answer.data), JSON.stringify(expected.data));
      assert.deepEqual(errorsOf(answer), errorsOf(expected));
      assert.equal((answer.errors ?? []).length > 0, user === 'editor');
    });
  }
}

test('graphql-jit: members of a union are admitted by owners and policies that are promises', async () => {
  const sdl = typeDefs.replace('owner: "by"', 'owner: "by", policy: "never"');
  const Note = { by: async ({ by }: { by: string }) => by };
  const plain = makeExecutableSchema({ typeDefs: sdl, resolvers: { ...resolvers, Note } });
  const schema = guardSchema<Context>(plain, { viewer, policies: { never: async () => false } });
  const document = parse('{ eithers { __typename ... on Note { text } } promised { ... on Note { text } } }');
  const compiled = compileQuery(schema, document);
  assert(isCompiledQuery(compiled));
  const contextValue = { user: userNamed('editor') };
  const answer = (await compiled.query(undefined, contextValue, {})) as ExecutionResult;
  const expected = await execute({ schema, document, contextValue });
  assert.equal(JSON.stringify(answer.data), JSON.stringify(expected.data));
  assert(JSON.stringify(answer.data).includes('mine'));
  assert(!JSON.stringify(answer.data).includes('yours'));
  assert.deepEqual(errorsOf(answer), errorsOf(expected));
});

test('graphql-jit: what graphql-js refuses is judged, too', async () => {
  const plain: GraphQLSchema = makeExecutableSchema({
    typeDefs,
    resolvers: {
      Thing: { __resolveType: () => plain.getType('Secret') as never },
      Query: {
        things: () => things,
        nested: () => [Object.assign(() => 1, { [Symbol.iterator]: () => eithers.slice(2).values() })],
      },
    },
  });
  const schema = guardSchema<Context>(plain, { viewer });
  const compiled = compileQuery(schema, parse('{ things { __typename x } nested { text } }'));
  assert(isCompiledQuery(compiled));
  const answerTo = async (user: string): Promise<unknown> =>
    ((await compiled.query(undefined, { user: userNamed(user) }, {})) as ExecutionResult).data;
  const secrets = things.map(({ x }) => ({ __typename: 'Secret', x }));
  assert.equal(
    JSON.stringify(await answerTo('editor')),
    JSON.stringify({ things: [null, null], nested: [[null, { text: 'mine' }]] }),
  );
  assert.equal(
    JSON.stringify(await answerTo('admin')),
    JSON.stringify({ things: secrets, nested: [[{ text: 'yours' }, { text: 'mine' }]] }),
  );
});
