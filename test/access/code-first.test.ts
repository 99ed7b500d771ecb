import {
  GraphQLDirective,
  DirectiveLocation,
  GraphQLEnumType,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type AccessViewer,
  describeRequirement,
  guardSchema,
  PolicyError,
  readPolicy,
} from '../../src/access/index.ts';
import { ANONYMOUS, ask, policyOfSdl, viewer } from './support.ts';

/** Creates the extensions in which code-first libraries keep directives. */
function directives(value: unknown) {
  return { extensions: { directives: value } };
}

/** The roles of the other tests, written as code. */
function roleEnum(): GraphQLEnumType {
  return new GraphQLEnumType({
    name: 'Role',
    values: {
      ADMIN: directives({ inherits: { roles: ['EDITOR'] } }),
      EDITOR: directives({ inherits: { roles: ['USER'] } }),
      AUDITOR: directives({ inherits: { roles: ['USER'] } }),
      USER: {},
    },
  });
}

/** A schema with one field that carries the directives. */
function schemaWith(field: unknown): GraphQLSchema {
  const Query = new GraphQLObjectType({
    name: 'Query',
    fields: {
      a: { type: GraphQLInt, extensions: { directives: field } },
      id: { type: GraphQLID, extensions: { directives: { public: {} } } },
    },
  });
  return new GraphQLSchema({ query: Query, types: [roleEnum()] });
}

function problems(schema: GraphQLSchema): string[] {
  try {
    readPolicy(schema);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) {
      return error.problems.map(({ coordinate, message }) => `${coordinate}: ${message}`);
    }
    throw error;
  }
}

describe('directives in extensions', () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    ['an object', { auth: { requires: ['ADMIN'] } }, ['ADMIN']],
    ['a single role for a list', { auth: { requires: 'ADMIN' } }, ['ADMIN']],
    ['several keys', { auth: { requires: 'ADMIN', permissions: ['x'] } }, ['ADMIN or "x"']],
    ['no arguments', { auth: {} }, ['signed-in']],
    ['true for no arguments', { auth: true }, ['signed-in']],
    ['a repeated one', { auth: [{ requires: 'ADMIN' }, { permissions: 'x' }, {}] }, ['ADMIN', '"x"', 'signed-in']],
    [
      'a list of names and arguments',
      [
        { name: 'auth', args: { requires: 'ADMIN' } },
        { name: 'auth', args: {} },
      ],
      ['ADMIN', 'signed-in'],
    ],
    ['public', { public: {} }, []],
    ['a list with a name alone', [{ name: 'auth' }], ['signed-in']],
    ['one that names a role and takes a text', { tag: { name: 'ADMIN' }, auth: {} }, ['signed-in']],
    ['one that has a name of its own', { name: 'other', auth: {} }, ['signed-in']],
    ['with something else beside it', { cost: 'high', auth: { requires: 'USER' } }, ['USER']],
    ['with others beside it', { cost: { value: 3 }, auth: { requires: 'USER' } }, ['USER']],
  ])('%s', (_name, directives, requirements) => {
    const rule = readPolicy(schemaWith(directives)).rules.get('Query.a');
    expect(rule?.requirements.map(describeRequirement)).toEqual(requirements);
  });

  test.each<readonly [string, unknown, RegExp]>([
    ['none', {}, /^Query.a: is undecided/],
    ['an empty list of applications', { auth: [] }, /^Query.a: extensions.directives.auth is an empty list/],
    ['a list of names', ['auth'], /has an entry without a name/],
    ['a list of objects by name', [{ auth: { requires: 'ADMIN' } }], /has an entry without a name/],
    ['a list in which one entry is null', [{ name: 'auth' }, null], /has an entry without a name/],
    ['a list of lists', [['auth', {}]], /has an entry without a name/],
    ['a list as an object', { 0: { name: 'auth', args: { requires: 'ADMIN' } } }, /directives.0 is not a directive/],
    ['a node', { kind: 'Directive', name: { value: 'auth' } }, /directives.name is not a directive/],
    ['itself once more', { directives: { auth: { requires: 'ADMIN' } } }, /directives.directives is not a directive/],
    [
      'inherited properties',
      Object.create(Object.assign(Object.create(null) as object, { auth: {} })),
      /is not a plain object/,
    ],
    ['hidden arguments', { auth: Object.defineProperty({}, 'requires', { value: 'ADMIN' }) }, /must be an object/],
    ['a list of roles with a hole', { auth: { requires: Array(1) } }, /is null/],
    ['a list with arguments of another name', [{ name: 'auth', arguments: {} }], /entry with arguments, which is not/],
    ['a hidden property', Object.defineProperty({}, 'auth', { value: {} }), /properties that are hidden/],
    ['a symbol', { public: {}, [Symbol('auth')]: {} }, /properties that are hidden/],
    ['a Map', new Map([['auth', {}]]), /extensions.directives is a Map/],
    ['a Set', new Set(['auth']), /extensions.directives is a Set/],
    ['a text', '@auth(requires: ADMIN)', /extensions.directives is a string/],
    ['a function', () => ({ auth: {} }), /extensions.directives is a function/],
    ['true', true, /extensions.directives is a boolean/],
    ['an instance of a class', new Date(), /extensions.directives is a Date/],
    ['arguments as a Map', { auth: new Map([['requires', ['ADMIN']]]) }, /must be an object/],
    ['arguments as a list of lists', { auth: [['ADMIN']] }, /must be an object/],
    ['an unknown role', { auth: { requires: 'BOSS' } }, /BOSS, which is not a role/],
    ['an empty list', { auth: { requires: [] } }, /requires: \[\]/],
    ['null', { auth: { requires: null } }, /is null/],
    ['undefined is null, not nothing', { auth: { requires: undefined } }, /is null/],
    ['a number', { auth: { requires: 3 } }, /must be an enum value/],
    ['a text instead of arguments', { auth: 'ADMIN' }, /^Query.a: the arguments of @auth must be an object$/],
    ['one of @reads', { public: {}, reads: 'Query.id' }, /^Query.a: the arguments of @reads must be an object$/],
    ['null instead of arguments', { auth: null }, /must be an object/],
    ['an undefined directive', { auth: undefined }, /must be an object/],
    ['false', { public: false }, /must be an object/],
    ['misspelt', { auht: { requires: 'ADMIN' } }, /looks like a misspelt @auth/],
    ['another case', { Auth: { requires: 'ADMIN' } }, /looks like a misspelt @auth/],
    ['an unknown argument', { auth: { roles: ['ADMIN'] } }, /has no argument roles/],
    ['misplaced', { inherits: { roles: ['USER'] } }, /@inherits has no effect/],
  ])('%s is refused', (_name, directives, message) => {
    expect(problems(schemaWith(directives)).join('\n')).toMatch(message);
  });

  test.each(['auth', '@auth', '@public', 'directive', 'Directives', 'appliedDirectives'])(
    'extensions.%s is refused',
    (key) => {
      const schema = schemaWith({ public: {} });
      const field = schema.getQueryType()?.getFields()['a'];
      Object.assign(field?.extensions ?? {}, { [key]: { requires: ['ADMIN'] } });
      const message = `Query.a: extensions.${key} is not read; write it below extensions.directives`;
      expect(problems(schema)).toEqual([message]);
      expect(() => readPolicy(schema, { ignoreDirectives: [key] })).not.toThrow();
    },
  );

  test.each<readonly [string, unknown]>([
    ['nexus', { directives: { auth: { requires: 'ADMIN' } } }],
    ['pothosOptions', { directives: [{ name: 'auth', args: { requires: 'ADMIN' } }] }],
    ['config', { directives: ['auth'] }],
    ['lists', { directives: [[{ name: 'auth' }]] }],
  ])('extensions.%s.directives is refused where no plugin read it', (key, value) => {
    for (const [directives, expected] of [
      [{ public: {} }, [`Query.a: extensions.${key}.directives is not read; write it below extensions.directives`]],
      [{ auth: { requires: 'ADMIN' } }, []],
    ] as const) {
      const schema = schemaWith(directives);
      Object.assign(schema.getQueryType()?.getFields()['a']?.extensions ?? {}, { [key]: value });
      expect(problems(schema)).toEqual(expected);
    }
  });

  test('a directive that is declared and takes a role is refused', () => {
    const needs = new GraphQLDirective({
      name: 'needs',
      locations: [DirectiveLocation.FIELD_DEFINITION],
      args: { role: { type: roleEnum() } },
    });
    const Query = new GraphQLObjectType({
      name: 'Query',
      fields: { a: { type: GraphQLInt, extensions: { directives: { public: {} } } } },
    });
    expect(problems(new GraphQLSchema({ query: Query, directives: [needs] }))).toEqual([
      expect.stringContaining('@needs: takes a Role'),
    ]);
  });

  test('on types they count together with those of fields', () => {
    const policy = readPolicy(schemaOfType());
    expect(policy.rules.get('T.a')?.requirements.map(describeRequirement)).toEqual(['signed-in', 'ADMIN']);
  });
});

function schemaOfType(): GraphQLSchema {
  const T = new GraphQLObjectType({
    name: 'T',
    extensions: { directives: { auth: {} } },
    fields: { a: { type: GraphQLInt, extensions: { directives: { auth: { requires: 'ADMIN' } } } } },
  });
  const Query = new GraphQLObjectType({
    name: 'Query',
    fields: { t: { type: T, extensions: { directives: { public: {} } } } },
  });
  return new GraphQLSchema({ query: Query, types: [roleEnum()] });
}

/** The same in code and in SDL. */
const SDL = `
  type Account @auth(requires: USER, owner: "id") { id: ID iban: String @auth(requires: EDITOR) @auth(permissions: "x") }
  input Filter { iban: String @reads(fields: ["Account.iban"]) }
  enum Order { ID IBAN @reads(fields: ["Account.iban"]) }
  type Query @public { find(filter: Filter, orderBy: Order, secret: Int @auth(requires: ADMIN)): String account: Account }
`;

function inCode(): GraphQLSchema {
  const Account = new GraphQLObjectType({
    name: 'Account',
    ...directives({ auth: { requires: 'USER', owner: 'id' } }),
    fields: {
      id: { type: GraphQLID },
      iban: { type: GraphQLString, ...directives({ auth: [{ requires: 'EDITOR' }, { permissions: ['x'] }] }) },
    },
  });
  const reads = directives({ reads: { fields: ['Account.iban'] } });
  const Filter = new GraphQLInputObjectType({ name: 'Filter', fields: { iban: { type: GraphQLString, ...reads } } });
  const Order = new GraphQLEnumType({ name: 'Order', values: { ID: {}, IBAN: reads } });
  const Query = new GraphQLObjectType({
    name: 'Query',
    ...directives({ public: {} }),
    fields: {
      find: {
        type: GraphQLString,
        args: {
          filter: { type: Filter },
          orderBy: { type: Order },
          secret: { type: GraphQLInt, ...directives({ auth: { requires: 'ADMIN' } }) },
        },
        resolve: () => 'found',
      },
      account: { type: Account, resolve: () => ({ id: 'me', iban: 'DE' }) },
    },
  });
  return new GraphQLSchema({ query: Query, types: [roleEnum()] });
}

test('code and SDL give the same table', () => {
  const [code, sdl] = [readPolicy(inCode()), policyOfSdl(SDL)];
  expect([...code.rules.values()]).toEqual([...sdl.rules.values()]);
  expect([...code.roles]).toEqual([...sdl.roles]);
  expect([...code.permissions]).toEqual([...sdl.permissions]);
});

test('a code-first schema is guarded like any other', async () => {
  const schema = guardSchema(inCode(), { viewer: (context: AccessViewer) => context });
  const denied = async (who: AccessViewer, source: string): Promise<readonly string[]> =>
    (await ask(schema, who, source)).denied;
  expect(await denied(viewer(), '{ find(filter: { iban: "x" }) }')).toEqual(['Filter.iban FORBIDDEN at find']);
  expect(await denied(viewer(), '{ find(orderBy: IBAN) }')).toEqual(['Order.IBAN FORBIDDEN at find']);
  expect(await denied(viewer(), '{ find(secret: 1) }')).toEqual(['Query.find(secret:) FORBIDDEN at find']);
  expect(await denied(viewer(), '{ account { id iban } }')).toEqual(['Account.iban FORBIDDEN at account.iban']);
  expect(
    await denied(viewer('EDITOR', ['x']), '{ account { id iban } find(orderBy: IBAN, filter: { iban: "x" }) }'),
  ).toEqual([]);
  expect(await denied(ANONYMOUS, '{ account { id } }')).toEqual(['Query.account UNAUTHENTICATED at account']);
});
