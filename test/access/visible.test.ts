import {
  buildSchema,
  execute,
  getIntrospectionQuery,
  graphql,
  parse,
  printSchema,
  validate,
  validateSchema,
  GraphQLSchema,
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

/** What is visible, as SDL without descriptions and without the directive that needs no role. */
function sdlFor(sdl: string, who: AccessViewer): string {
  const printed = printSchema(visibleSchema(policyOfSdl(sdl), { viewer: who }));
  return printed
    .replace(/"""[^"]*"""\ndirective @semanticNonNull.*\n\n/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const tidy = (text: string): string[] =>
  text
    .replaceAll(/\b(type|interface|input|enum|union) /g, '\n$1 ')
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .sort();

describe('what a viewer can never reach is not there', () => {
  test.each<readonly [string, string, AccessViewer, string]>([
    ['a field', 'type Query @public { a: Int b: Int @auth }', ANONYMOUS, 'type Query { a: Int }'],
    ['nothing is hidden', 'type Query @public { a: Int b: Int @auth }', viewer(), 'type Query { a: Int b: Int }'],
    [
      'by a permission',
      'type Query @public { a: Int b: Int @auth(permissions: "x") }',
      viewer([], ['x']),
      'type Query { a: Int b: Int }',
    ],
    [
      'by another permission',
      'type Query @public { a: Int b: Int @auth(permissions: "x") }',
      viewer([], ['y']),
      'type Query { a: Int }',
    ],
    ['everything', 'type Query @auth { a: Int }', ANONYMOUS, 'type Query'],
    [
      'whatever leads to nothing but that, however far away',
      'type A @public { b: B } type B @public { c: C } type C @public { d: D } type D @public { e: Int @auth } type Query @public { a: A z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a union of types of which nothing is left',
      'type A @public { a: Int @auth } type B @public { b: Int @auth } union U = A | B type Query @public { u: U z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'not an interface that nothing implements',
      'interface I @public { a: Int } type Query @public { i: I }',
      ANONYMOUS,
      'interface I { a: Int } type Query { i: I }',
    ],
    [
      'not what only a union, an interface and a directive lead to',
      `interface I @public { a: Int } type T implements I @public { a: Int b: Int } type M @public { i: I } union U = M
       enum Rate { HIGH } directive @live(rate: Rate) on QUERY input F { rate: More } enum More { MORE }
       type Query @public { u(f: F): U }`,
      ANONYMOUS,
      'directive @live(rate: Rate) on QUERY interface I { a: Int } type T implements I { a: Int b: Int } type M { i: I } union U = M enum Rate { HIGH } input F { rate: More } enum More { MORE } type Query { u(f: F): U }',
    ],
    [
      'a field that returns a closed type, and the type',
      'type T @auth { a: Int } type Query @public { t: [T!] z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a type that is emptied',
      'type T @public { a: Int @auth } type Query @public { t: T z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'what leads to it',
      'type T @public { a: Int @auth } type U @public { t: T } type Query @public { u: U z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a type that nothing leads to any more',
      'type T @public { a: Int } type Query @public { t: T @auth z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    ['an argument', 'type Query @public { a(x: Int @auth, y: Int): Int }', ANONYMOUS, 'type Query { a(y: Int): Int }'],
    [
      'a required argument, with its field',
      'type Query @public { a(x: Int! @auth): Int z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'an input field',
      'input I { x: Int @auth y: Int } type Query @public { a(i: I): Int }',
      ANONYMOUS,
      'type Query { a(i: I): Int } input I { y: Int }',
    ],
    [
      'a required input field, with its type and the arguments of that',
      'input I { x: Int! @auth y: Int } type Query @public { a(i: I): Int }',
      ANONYMOUS,
      'type Query { a: Int }',
    ],
    [
      'and with the fields that require these',
      'input I { x: Int! @auth y: Int } input J { i: I! } type Query @public { a(j: J!): Int z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'an emptied input type',
      'input I { x: Int @auth } input J { i: I y: Int } type Query @public { a(j: J, i: I): Int }',
      ANONYMOUS,
      'type Query { a(j: J): Int } input J { y: Int }',
    ],
    [
      'an enum value',
      'enum E { X @reads(fields: ["Query.s"]) Y } type Query @public { a(e: E): Int s: Int @auth }',
      ANONYMOUS,
      'type Query { a(e: E): Int } enum E { Y }',
    ],
    [
      'an emptied enum',
      'enum E { X @reads(fields: ["Query.s"]) } type Query @public { a(e: E): Int b: E s: Int @auth }',
      ANONYMOUS,
      'type Query { a: Int }',
    ],
    [
      'a member of a union',
      'type T @auth { a: Int } type O @public { a: Int } union U = T | O type Query @public { u: U }',
      ANONYMOUS,
      'type Query { u: U } union U = O type O { a: Int }',
    ],
    [
      'a union without members',
      'type T @auth { a: Int } type S @auth { a: Int } union U = T | S type Query @public { u: U z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'an implementer',
      'interface I @public { a: Int } type T implements I @auth { a: Int } type O implements I @public { a: Int } type Query @public { i: I }',
      ANONYMOUS,
      'type Query { i: I } interface I { a: Int } type O implements I { a: Int }',
    ],
    [
      'a closed interface, with its implementers',
      'interface I @auth { a: Int } type T implements I { a: Int } type Query @public { i: I t: T z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a guarded field of an interface',
      'interface I @public { a: Int b: Int @auth } type T implements I @public { a: Int b: Int } type Query @public { i: I t: T }',
      ANONYMOUS,
      'type Query { i: I t: T } interface I { a: Int } type T implements I { a: Int }',
    ],
    [
      'a field that an implementer has to hide',
      'interface I @public { a: Int b: Int } type T implements I @public { a: Int b: Int @auth } type O implements I @public { a: Int b: Int } type Query @public { i: I }',
      ANONYMOUS,
      'type Query { i: I } interface I { a: Int } type T implements I { a: Int } type O implements I { a: Int b: Int }',
    ],
    [
      'an argument that an implementer has to hide',
      'interface I @public { a(x: Int): Int } type T implements I @public { a(x: Int @auth): Int } type Query @public { i: I }',
      ANONYMOUS,
      'type Query { i: I } interface I { a: Int } type T implements I { a: Int }',
    ],
    [
      'an interface of which nothing is left',
      'interface I @public { a: Int @auth } type T implements I @public { a: Int z: Int } type Query @public { t: T i: I }',
      ANONYMOUS,
      'type Query { t: T } type T { z: Int }',
    ],
    [
      'not what an owner may see',
      'type T @auth(requires: ADMIN, owner: "id") { id: ID s: Int @auth(requires: ADMIN) } type Query @public { t: T }',
      viewer(),
      'type Query { t: T } type T { id: ID }',
    ],
    [
      'an anonymous viewer owns nothing',
      'type T @auth(requires: ADMIN, owner: "id") { id: ID } type Query @public { t: T z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'the enum of roles, unless it is asked for',
      'type Query @public { a: Int r: Role @auth }',
      ANONYMOUS,
      'type Query { a: Int }',
    ],
    [
      'a mutation',
      'type Query @public { a: Int } type Mutation @public { m: Int n: Int @auth }',
      ANONYMOUS,
      'type Query { a: Int } type Mutation { m: Int }',
    ],
    [
      'an interface of an interface',
      'interface J @public { a: Int } interface I implements J @public { a: Int b: Int @auth } type T implements I & J @public { a: Int b: Int } type Query @public { j: J }',
      ANONYMOUS,
      'type Query { j: J } interface J { a: Int } type T implements I & J { a: Int } interface I implements J { a: Int }',
    ],
  ])('%s', (_name, sdl, who, expected) => {
    expect(tidy(sdlFor(sdl, who))).toEqual(tidy(expected));
  });

  test('access directives, which name roles, are never shown', () => {
    const printed = printSchema(
      visibleSchema(policyOfSdl('type Query @public { a: Int }'), { viewer: viewer('ADMIN') }),
    );
    expect(printed).not.toMatch(/Role|auth|inherits|ADMIN/);
  });

  test('directives of others stay', () => {
    const printed = printSchema(
      visibleSchema(policyOfSdl('directive @cost(x: Kind) on FIELD enum Kind { A } type Query @public { a: Int }'), {
        viewer: ANONYMOUS,
      }),
    );
    expect(printed).toContain('directive @cost(x: Kind) on FIELD');
    expect(printed).toContain('enum Kind');
  });
});

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

  test('introspection names nothing that is hidden', async () => {
    const { data, errors } = await graphql({
      schema: visible,
      source: getIntrospectionQuery(),
      contextValue: viewer('USER'),
    });
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).not.toMatch(/"(hidden|Note|Ghost|secret|text|TEXT|Role|EDITOR)"/);
  });

  test('an object of a hidden type is denied, and told of', async () => {
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

  test('so is one whose type tells itself', async () => {
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

  test('it is none that a policy was read for', () => {
    expect(policyOf(visibleSchema(world().policy, { viewer: viewer('USER') }))).toBeNull();
  });

  test('{ __typename } can always be asked', async () => {
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

  test('of an unguarded schema is for looking only', () => {
    const plain = visibleSchema(policyOfSdl(WORLD), { viewer: viewer('USER') });
    expect(printSchema(plain)).toBe(printSchema(visible));
  });

  test('is found anew by executors that compare types', () => {
    const result = execute({
      schema: visible,
      document: parse('{ any { __typename } }'),
      contextValue: viewer('USER'),
    });
    expect(result).toMatchObject({ data: { any: [null, { __typename: 'Page' }, null] } });
  });
});

describe('pruned schemas are kept', () => {
  test('by the requirements that are open, not by names', () => {
    const { policy } = world();
    const first = visibleSchema(policy, { viewer: viewer('EDITOR') });
    expect(visibleSchema(policy, { viewer: viewer('ADMIN') })).toBe(first);
    expect(visibleSchema(policy, { viewer: viewer(['EDITOR', 'CUSTOM']) })).toBe(first);
    expect(visibleSchema(policy, { viewer: { id: 'you', roles: ['EDITOR'], permissions: 'all' } })).toBe(first);
    expect(visibleSchema(policy, { viewer: viewer('USER') })).not.toBe(first);
    expect(visibleSchema(policy, { viewer: viewer('AUDITOR') })).toBe(visibleSchema(policy, { viewer: ANONYMOUS }));
  });

  test('apart for those who may own something, and for those who are not signed in', () => {
    const policy = policyOfSdl('type T @auth(owner: "id") { id: ID } type Query @public { t: T z: Int }');
    const [forAnonymous, forUser] = [
      visibleSchema(policy, { viewer: ANONYMOUS }),
      visibleSchema(policy, { viewer: viewer() }),
    ];
    expect(forAnonymous.getType('T')).toBeUndefined();
    expect(forUser.getType('T')).toBeDefined();
    expect(visibleSchema(policy, { viewer: ANONYMOUS })).toBe(forAnonymous);
  });

  test('only so many of them, those asked for last', () => {
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

  test('a viewer that is not what it should be is a failure', () => {
    const roles: unknown = 'ADMIN';
    expect(() =>
      visibleSchema(policyOfSdl(WORLD), { viewer: { id: 'me', roles: roles as string[], permissions: [] } }),
    ).toThrow(TypeError);
  });
});
