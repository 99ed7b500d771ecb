import {
  buildSchema,
  execute,
  getIntrospectionQuery,
  graphql,
  GraphQLSchema,
  parse,
  printSchema,
  validate,
  validateSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type AccessViewer,
  guardSchema,
  policyOf,
  visibleSchema,
  type Denial,
  type Policy,
} from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, policyOfSdl, viewer } from './support.ts';

const WORLD = `
  "A note."
  type Note implements Thing @auth(requires: EDITOR) { id: ID text: String }
  type Page implements Thing @public { id: ID hidden: Int @auth(requires: EDITOR) notes: [Note] }
  type Ghost implements Thing @public { id: ID @auth(requires: EDITOR) }
  interface Thing @public { id: ID }
  union Any = Note | Page | Ghost
  type Query @public {
    thing(kind: String): Thing
    any: [Any]
    page: Page
    find(filter: Filter, secret: Int @auth(requires: EDITOR), orderBy: Order): String
  }
  input Filter { id: ID text: String @reads(fields: ["Note.text"]) }
  enum Order { ID TEXT @reads(fields: ["Note.text"]) }
  type Mutation @public { hidden: Int @auth(requires: EDITOR) }
  type Subscription @public { hidden: Int @auth(requires: EDITOR) }
`;

function world(denials: Denial[] = []): { policy: Policy; schema: GraphQLSchema } {
  const schema = guarded(
    WORLD,
    {
      Query: {
        thing: (_source: unknown, { kind = 'Page' }: { kind?: string }) => ({ __typename: kind, id: kind }),
        any: () => ['Note', 'Page', 'Ghost'].map((__typename) => ({ __typename, id: __typename })),
        page: () => ({ id: 'p', hidden: 1 }),
        find: () => 'found',
      },
    },
    { onDenied: (denial) => denials.push(denial) },
  );
  const policy = policyOf(schema);
  if (policy === null) {
    throw new Error('not guarded');
  }
  return { schema, policy };
}

describe('a pruned schema', () => {
  const { policy } = world();
  const visible = visibleSchema(policy, { viewer: viewer('USER') });

  test('is executed with the guarded resolvers', async () => {
    expect(await ask(visible, viewer('USER'), '{ page { id } find(filter: { id: 1 }, orderBy: ID) }')).toEqual({
      data: { page: { id: 'p' }, find: 'found' },
      denied: [],
    });
    const whole = visibleSchema(policy, { viewer: viewer('ADMIN') });
    expect(await ask(whole, viewer('USER'), '{ page { hidden } }')).toEqual({
      data: { page: { hidden: null } },
      denied: ['Page.hidden FORBIDDEN at page.hidden'],
    });
  });

  test.each([
    ['a field', '{ page { hidden } }', '{ page { hiddex } }'],
    ['a type condition', '{ thing { ... on Note { id } } }', '{ thing { ... on Nota { id } } }'],
    ['an argument', '{ find(secret: 1) }', '{ find(secred: 1) }'],
    ['an input field', '{ find(filter: { text: "x" }) }', '{ find(filter: { texd: "x" }) }'],
    ['an enum value', '{ find(orderBy: TEXT) }', '{ find(orderBy: TEXD) }'],
    ['a variable type', 'query($x: Role) { find }', 'query($x: Rola) { find }'],
    ['a mutation', 'mutation { hidden }', 'mutation { hiddex }'],
    ['a subscription', 'subscription { hidden }', 'subscription { hiddex }'],
  ])('%s that is hidden is answered like one that does not exist', (_name, hidden, missing) => {
    const [there, nowhere] = [hidden, missing].map((source) =>
      validate(visible, parse(source)).map(({ message }) => message),
    );
    expect(there).not.toEqual([]);
    const word = /hiddex|Nota|secred|texd|TEXD|Rola/g;
    const real = {
      hiddex: 'hidden',
      Nota: 'Note',
      secred: 'secret',
      texd: 'text',
      TEXD: 'TEXT',
      Rola: 'Role',
    } as const;
    expect(there).toEqual(
      nowhere?.map((message) => message.replaceAll(word, (match) => real[match as keyof typeof real])),
    );
  });

  test('names nothing that is hidden in introspection', async () => {
    const { data, errors } = await graphql({
      schema: visible,
      source: getIntrospectionQuery(),
      contextValue: viewer('USER'),
    });
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).not.toMatch(/"(hidden|Note|Ghost|secret|text|TEXT|Role|EDITOR)"/);
  });

  test('denies an object of a hidden type, and reports it', async () => {
    const denials: Denial[] = [];
    const { policy } = world(denials);
    const schema = visibleSchema(policy, { viewer: viewer('USER') });
    expect(await ask(schema, viewer('USER'), '{ thing(kind: "Note") { id } any { ... on Page { id } } }')).toEqual({
      data: { thing: null, any: [null, { id: 'Page' }, null] },
      denied: ['Query.thing FORBIDDEN at thing', 'Query.any FORBIDDEN at any.0', 'Query.any FORBIDDEN at any.2'],
    });
    expect(denials.map(({ coordinate }) => coordinate)).toEqual(['Query.thing', 'Query.any']);
    expect((await ask(schema, ANONYMOUS, '{ thing(kind: "Note") { __typename } }')).denied).toEqual([
      'Query.thing UNAUTHENTICATED at thing',
    ]);
  });

  test('denies an object of a hidden type that names its own type', async () => {
    const sdl = `
      interface I @public { a: Int }
      type A implements I @auth { a: Int }
      type B implements I @public { a: Int }
      union U = A | B
      type Query @public { u: [U] i: [I] }`;
    const schema = guarded(sdl, {
      Query: { u: () => [{ a: 1 }, { a: 2 }], i: () => [{ a: 1 }, { a: 2 }] },
      A: { __isTypeOf: ({ a }: { a: number }) => a === 1 },
      B: { __isTypeOf: ({ a }: { a: number }) => a === 2 },
    });
    const policy = policyOf(schema);
    const pruned = policy === null ? schema : visibleSchema(policy, { viewer: ANONYMOUS });
    expect(await ask(pruned, ANONYMOUS, '{ u { ... on B { a } } }')).toEqual({
      data: { u: [null, { a: 2 }] },
      denied: ['Query.u UNAUTHENTICATED at u.0'],
    });
    expect(await ask(pruned, ANONYMOUS, '{ i { a } }')).toEqual({
      data: { i: [null, { a: 2 }] },
      denied: ['Query.i UNAUTHENTICATED at i.0'],
    });
  });

  test('has no policy, which belongs to the complete schema', () => {
    expect(policyOf(visibleSchema(world().policy, { viewer: viewer('USER') }))).toBeNull();
  });

  test('always answers { __typename }', async () => {
    const schema = guarded('type Query @auth { a: Int } type Mutation @auth { m: Int }');
    const policy = policyOf(schema);
    const pruned = policy === null ? schema : visibleSchema(policy, { viewer: ANONYMOUS });
    expect(await ask(pruned, ANONYMOUS, '{ __typename }')).toEqual({ data: { __typename: 'Query' }, denied: [] });
    expect(await ask(pruned, ANONYMOUS, 'mutation { __typename }')).toEqual({
      data: { __typename: 'Mutation' },
      denied: [],
    });
    expect(validate(pruned, parse('{ a }'))).toHaveLength(1);
  });

  test('is a valid schema of its own, for every viewer', () => {
    for (const who of [ANONYMOUS, viewer(), viewer('USER'), viewer('AUDITOR'), viewer('EDITOR'), viewer('ADMIN')]) {
      const { assumeValid: _assumed, ...config } = visibleSchema(policy, { viewer: who }).toConfig();
      const errors = validateSchema(new GraphQLSchema(config)).map(({ message }) => message);
      expect(errors.filter((message) => !/must define one or more fields/.test(message))).toEqual([]);
      expect(() =>
        buildSchema(printSchema(visibleSchema(policy, { viewer: who })), { assumeValid: true }),
      ).not.toThrow();
    }
  });

  test('of an unguarded schema can be printed, and is not guarded', () => {
    const plain = visibleSchema(policyOfSdl(WORLD), { viewer: viewer('USER') });
    expect(printSchema(plain)).toBe(printSchema(visible));
  });

  test('resolves types to its own, for executors that compare types', () => {
    const result = execute({
      schema: visible,
      document: parse('{ any { __typename } }'),
      contextValue: viewer('USER'),
    });
    expect(result).toMatchObject({ data: { any: [null, { __typename: 'Page' }, null] } });
  });
});

describe('pruned schemas are kept', () => {
  test('also for a schema that is not guarded, whose policy is read once', () => {
    const schema = executable('type Query @public { a: Int b: Int @auth }');
    expect(visibleSchema(schema, { viewer: ANONYMOUS })).toBe(visibleSchema(schema, { viewer: ANONYMOUS }));
  });

  test('by the requirements that are satisfied, not by names of roles', () => {
    const { policy } = world();
    const first = visibleSchema(policy, { viewer: viewer('EDITOR') });
    expect(visibleSchema(policy, { viewer: viewer('ADMIN') })).toBe(first);
    expect(visibleSchema(policy, { viewer: viewer(['EDITOR', 'CUSTOM']) })).toBe(first);
    expect(visibleSchema(policy, { viewer: { id: 'you', roles: ['EDITOR'], permissions: 'all' } })).toBe(first);
    expect(visibleSchema(policy, { viewer: viewer('USER') })).not.toBe(first);
    expect(visibleSchema(policy, { viewer: viewer('AUDITOR') })).toBe(visibleSchema(policy, { viewer: ANONYMOUS }));
  });

  test('separately for viewers who are signed in and may own something, and for anonymous viewers', () => {
    const policy = policyOfSdl('type T @auth(owner: "id") { id: ID } type Query @public { t: T z: Int }');
    const [forAnonymous, forUser] = [
      visibleSchema(policy, { viewer: ANONYMOUS }),
      visibleSchema(policy, { viewer: viewer() }),
    ];
    expect(forAnonymous.getType('T')).toBeUndefined();
    expect(forUser.getType('T')).toBeDefined();
    expect(visibleSchema(policy, { viewer: ANONYMOUS })).toBe(forAnonymous);
  });

  test('up to a limit, those used last', () => {
    const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
    const sdl = `type Query @public { z: Int ${names.map((name) => `${name}: Int @auth(permissions: "${name}")`).join(' ')} }`;
    const policy = policyOfSdl(sdl);
    const holder = (bits: number): AccessViewer =>
      viewer(
        [],
        names.filter((_name, index) => (bits >> index) % 2 === 1),
      );
    const first = visibleSchema(policy, { viewer: holder(0) });
    for (let bits = 1; bits < 200; bits += 1) {
      visibleSchema(policy, { viewer: holder(bits) });
      expect(visibleSchema(policy, { viewer: holder(0) })).toBe(first);
    }
    expect(policy.visible.schemas.size).toBe(64);
    expect(visibleSchema(policy, { viewer: holder(3) })).not.toBe(undefined);
  });

  test('with the policy that they belong to', () => {
    const schema = executable(WORLD);
    const [one, other] = [1, 2].map(() => policyOf(guardSchema(schema, { viewer: () => ANONYMOUS })));
    expect(one && visibleSchema(one, { viewer: ANONYMOUS })).not.toBe(
      other && visibleSchema(other, { viewer: ANONYMOUS }),
    );
  });

  test('for valid viewers alone; another viewer is an error', () => {
    const roles: unknown = 'ADMIN';
    expect(() =>
      visibleSchema(policyOfSdl(WORLD), { viewer: { id: 'me', roles: roles as string[], permissions: [] } }),
    ).toThrow('The roles of an access viewer must be a list of strings');
  });
});
