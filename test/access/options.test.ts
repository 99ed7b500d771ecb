import type { GraphQLSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type AccessViewer,
  accessMatrix,
  assertGuarded,
  authTypeDefsFor,
  explainAccess,
  guardSchema,
  policyTypes,
  readPolicy,
  type RolegatePluginOptions,
  useRolegate,
  verdictOn,
  verdictsOn,
  visibleSchema,
} from '../../src/access/index.ts';
import { attackSchema, attackServer } from '../../src/testing/index.ts';
import { ANONYMOUS, ask, executable, guarded } from './support.ts';

const SIGNED_IN = 'type Query { a: Int @auth }';
const signedIn = () => executable(SIGNED_IN);
const who = (): AccessViewer => ANONYMOUS;

/** Options that the compiler refuses, and JavaScript does not. */
const WRONG_OPTIONS: readonly (readonly [object, RegExp])[] = [
  [{ onDenied: 1 }, /onDenied of guardSchema must be a function/],
  [{ undecided: 'warn' }, /undecided of guardSchema must be "refuse", "report" or "deny"/],
  [{ enforcement: 'off' }, /enforcement of guardSchema must be "enforce" or "observe"/],
  [{ denial: true }, /denial of guardSchema must be "null" or "reject"/],
  [{ errorLimit: '1' }, /errorLimit of guardSchema must be a number/],
  [{ errorLimit: -1 }, /errorLimit of guardSchema must be a number/],
  [{ errorLimit: Number.NaN }, /errorLimit of guardSchema must be a number/],
  [{ ignoreDirectives: 'read' }, /ignoreDirectives of guardSchema must be a list/],
  [{ inherits: { ADMIN: 'USER' } }, /inherits of guardSchema must be an object that holds a list/],
  [{ inherits: [['ADMIN']] }, /inherits of guardSchema must be/],
  [{ inherits: new Map([['ADMIN', ['USER']]]) }, /inherits of guardSchema must be/],
  [{ policies: new Map([['own', () => true]]) }, /policies of guardSchema must be an object/],
  [{ policies: [() => true] }, /policies of guardSchema must be an object/],
  [
    { policies: Promise.resolve({}) },
    /policies of guardSchema must be an object of functions; await the promise first/,
  ],
  [{ inherits: Promise.resolve({}) }, /inherits of guardSchema must be an object .*; await the promise first/],
  [{ directives: Promise.resolve({}) }, /directives of guardSchema must be other names .*; await the promise first/],
  [{ directives: { auht: 'access' } }, /directives of guardSchema must be other names for auth, public/],
  [{ directives: { auth: '@access' } }, /without "@"/],
  [{ directives: { auth: 'public' } }, /different from the others/],
  [{ policies: 'own' }, /policies of guardSchema must be an object/],
  [{ policies: { own: true } }, /must hold functions; "own" is not one/],
  ...[{}, null, () => 1, { rules: new Map() }, { schema: signedIn() }, { schema: 1, rules: new Map() }].map(
    (policy): readonly [object, RegExp] => [{ policy }, /policy of guardSchema must be the result of readPolicy/],
  ),
  [{ roleEnum: null }, /roleEnum of guardSchema must be the name/],
  [{ enforcment: 'observe' }, /guardSchema has no option enforcment; is enforcement meant\?/],
  [{ polices: {} }, /has no option polices; is (?:policy|policies) meant\?/],
  [{ enforemet: 'observe' }, /has no option enforemet; is enforcement meant\?/],
  [{ nforemet: 'observe' }, /has no option nforemet; its options are/],
  [{ colour: 1 }, /has no option colour; its options are roleEnum, [\w, ]+, errorLimit$/],
  [{ ignoreDirectives: [1] }, /ignoreDirectives of guardSchema must be a list/],
  [{ errorLimit: 1.5 }, /errorLimit of guardSchema must be a number/],
  [{ roleEnum: '' }, /roleEnum of guardSchema must be the name/],
  [{ viewer: function* () {} }, /viewer of guardSchema must not be a generator/],
  [{ viewer: async function* () {} }, /viewer of guardSchema must not be a generator/],
];

describe('options', () => {
  test.each<readonly [string, unknown, RegExp]>([
    ['no viewer', {}, /viewer of guardSchema must be a function/],
    ['an async viewer', { viewer: async () => ANONYMOUS }, /must not be async/],
    ['no options', undefined, /guardSchema takes an object of options/],
    ...WRONG_OPTIONS.map(
      ([options, message]) => [JSON.stringify(options), { viewer: who, ...options }, message] as const,
    ),
  ])('%s: refused at start', (_name, options, message) => {
    expect(() => guardSchema(signedIn(), options as never)).toThrow(TypeError);
    expect(() => guardSchema(signedIn(), options as never)).toThrow(message);
  });

  test.each<readonly [string, () => unknown, RegExp]>([
    ['guardSchema of SDL', () => guardSchema(SIGNED_IN as never, { viewer: who }), /guardSchema takes a GraphQLSchema/],
    ['readPolicy of an object', () => readPolicy({} as never), /readPolicy takes SDL, a parsed document/],
    ['readPolicy of options', () => readPolicy([{ viewer: who }] as never), /readPolicy takes SDL, a parsed document/],
    ['readPolicy of nothing', () => readPolicy(undefined as never), /readPolicy takes SDL, a parsed document/],
    [
      'readPolicy',
      () => readPolicy(SIGNED_IN, { undecided: 'deny ' as never }),
      /undecided of readPolicy must be "refuse"/,
    ],
    [
      'authTypeDefsFor',
      () => authTypeDefsFor('Role', { auth: '@access' }),
      /^The option directives of authTypeDefsFor must be other names .*without "@"/,
    ],
    ['authTypeDefsFor of nothing', () => authTypeDefsFor(undefined as never), /takes the name of the enum of roles/],
    ['authTypeDefsFor of two words', () => authTypeDefsFor('my role'), /takes the name of the enum of roles/],
    ['accessMatrix of options', () => accessMatrix({} as never), /a GraphQLSchema, or the result of readPolicy/],
    [
      'accessMatrix of a misspelt option',
      () => accessMatrix(signedIn(), { rolePermission: {} } as never),
      /accessMatrix has no option rolePermission; is rolePermissions meant\?/,
    ],
    [
      'accessMatrix of one permission',
      () => accessMatrix(signedIn(), { rolePermissions: { ADMIN: 'a:b' as never } }),
      /rolePermissions of accessMatrix must be an object that holds a list of permissions/,
    ],
    [
      'accessMatrix of permissions that are still loaded',
      () => accessMatrix(signedIn(), { rolePermissions: Promise.resolve({}) as never }),
      /rolePermissions of accessMatrix must be an object .*; await the promise first/,
    ],
    [
      'accessMatrix of options that are still loaded',
      () => accessMatrix(signedIn(), Promise.resolve({}) as never),
      /accessMatrix takes an object of options; await the promise first/,
    ],
    [
      'readPolicy of a list of options',
      () => readPolicy(SIGNED_IN, [] as never),
      /readPolicy takes an object of options/,
    ],
    [
      'explainAccess of a list of variables',
      () => explainAccess(signedIn(), { viewer: ANONYMOUS, operation: '{ a }', variables: [] as never }),
      /variables of explainAccess must be an object of values/,
    ],
    [
      'explainAccess of the number of an operation',
      () => explainAccess(signedIn(), { viewer: ANONYMOUS, operation: '{ a }', operationName: 1 as never }),
      /operationName of explainAccess must be the name of an operation/,
    ],
    [
      'accessMatrix of roles as columns',
      () => accessMatrix(signedIn(), { columns: ['ADMIN'] as never }),
      /columns of accessMatrix must be a list of viewers/,
    ],
    ...[null, { roles: ['ADMIN'], permissions: [] }, { name: 1, roles: [], permissions: [] }].map(
      (column) =>
        [
          `accessMatrix of the column ${JSON.stringify(column)}`,
          () => accessMatrix(signedIn(), { columns: [column as never] }),
          /columns of accessMatrix must be a list of viewers/,
        ] as const,
    ),
    [
      'visibleSchema without options',
      () => visibleSchema(signedIn(), undefined as never),
      /visibleSchema takes an object of options/,
    ],
    [
      'visibleSchema of a viewer',
      () => visibleSchema(signedIn(), ANONYMOUS as never),
      /visibleSchema has no option id; its options are viewer/,
    ],
    [
      'verdictOn of a misspelt option',
      () => verdictOn(signedIn(), { viewer: ANONYMOUS, coordinates: 'Query.a' } as never),
      /verdictOn has no option coordinates; is coordinate meant\?/,
    ],
    [
      'verdictOn of a number',
      () => verdictOn(signedIn(), { viewer: ANONYMOUS, coordinate: 7 as never }),
      /coordinate of verdictOn must be the coordinate of a field/,
    ],
    [
      'verdictsOn of a text',
      () => verdictsOn(signedIn(), { viewer: ANONYMOUS, coordinates: 'Query.a' as never }),
      /coordinates of verdictsOn must be a list of coordinates/,
    ],
    ['policyTypes of nothing', () => policyTypes(undefined as never), /a GraphQLSchema, or the result of readPolicy/],
    [
      'a policy and the options that it is read with',
      () => guardSchema(signedIn(), { viewer: who, policy: readPolicy(signedIn()), undecided: 'deny', inherits: {} }),
      /policy of guardSchema has been read already: give inherits, undecided to readPolicy/,
    ],
    ['a guarded schema', () => guardSchema(guarded(SIGNED_IN), { viewer: who }), /is guarded already/],
    ['assertGuarded of nothing', () => assertGuarded(undefined as never), /a GraphQLSchema/],
    [
      'explainAccess of nothing',
      () => explainAccess(signedIn(), { viewer: ANONYMOUS } as never),
      /operation of explainAccess must be the text/,
    ],
    [
      'useRolegate of a misspelt option',
      () => useRolegate({ viewer: who, visibelTo: who } as never),
      /useRolegate has no option visibelTo; is visibleTo meant\?/,
    ],
    ['useRolegate without a viewer', () => useRolegate({} as never), /viewer of useRolegate must be a function/],
    ['useRolegate without options', () => useRolegate(undefined as never), /useRolegate takes an object of options/],
    [
      'useRolegate',
      () => useRolegate({ viewer: who, visibleTo: 1 as never }),
      /visibleTo of useRolegate must be a function/,
    ],
  ])('%s: refused with an explanation', (_name, call, message) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  test('the columns of accessMatrix may be given', () => {
    const column = { name: 'Admins', roles: ['ADMIN'], permissions: [] };
    expect(accessMatrix(signedIn(), { columns: [column] }).columns).toEqual(['anonymous', 'Admins']);
  });

  test('attackSchema without a schema is refused with an explanation', async () => {
    await expect(attackSchema(signedIn() as never)).rejects.toThrow(
      'The option schema of attackSchema must be a GraphQLSchema',
    );
  });

  test.each<readonly [string, object, string]>([
    ['a misspelt option', { onein: 3 }, 'attackSchema has no option onein; is oneIn meant?'],
    ['a part of nothing', { oneIn: 0 }, 'The option oneIn of attackSchema must be a whole number, at least 1'],
    ['a limit of nothing', { mostFailures: 0.5 }, 'The option mostFailures of attackSchema must be a whole number'],
    ['no guard', { guard: {} }, 'The option guard of attackSchema must be a function'],
    ['a list of values', { values: [1] }, 'The option values of attackSchema must be an object of values'],
  ])('attackSchema with %s is refused with an explanation', async (_name, options, message) => {
    await expect(attackSchema({ schema: guarded(SIGNED_IN), ...options })).rejects.toThrow(message);
  });

  test.each<readonly [string, object, string]>([
    ['nothing to send with', {}, 'The option send of attackServer must be a function that sends an operation'],
    ['viewers by name', { send: who, viewers: 'ADMIN' }, 'viewers of attackServer must be a list of roles'],
    ['a part', { send: who, oneIn: 10 }, 'attackServer has no option oneIn; its options are schema'],
  ])('attackServer with %s is refused with an explanation', async (_name, options, message) => {
    await expect(attackServer({ schema: guarded(SIGNED_IN), ...options } as never)).rejects.toThrow(message);
  });

  test.each<readonly [string, () => unknown, RegExp]>([
    ['a promise', () => Promise.resolve(ANONYMOUS), /returned a promise/],
    ['a promise that rejects', () => Promise.reject(new Error('no session')), /returned a promise/],
    ['undefined', () => undefined, /returned undefined/],
    ['null', () => null, /returned null/],
    ['a text', () => 'me', /returned string/],
  ])('a viewer that returns %s fails in words', async (_name, who, message) => {
    const schema = guardSchema(signedIn(), { viewer: who as () => AccessViewer });
    const { data, denied } = await ask(schema, ANONYMOUS, '{ a }');
    expect(data).toEqual({ a: null });
    expect(denied.join()).toMatch(message);
  });

  test.each([0, 1, 2])('errors of one coordinate can be limited to %i', async (errorLimit) => {
    const schema = guarded(
      'type Row @public { a: Int @auth } type Query @public { rows: [Row] }',
      { Query: { rows: () => [{}, {}, {}] } },
      { errorLimit },
    );
    expect(await ask(schema, ANONYMOUS, '{ rows { a } }')).toEqual({
      data: { rows: [{ a: null }, { a: null }, { a: null }] },
      denied: ['Row.a UNAUTHENTICATED at rows.0.a', 'Row.a UNAUTHENTICATED at rows.1.a'].slice(0, errorLimit),
    });
  });

  test.each<readonly [string, unknown, RegExp]>([
    ['a promise', Promise.resolve(ANONYMOUS), /visibleTo of useRolegate returned a promise/],
    ['undefined', undefined, /visibleTo of useRolegate returned undefined; return \{ id/],
  ])('visibleTo that returns %s fails in words', (_name, visible, message) => {
    expect(() => enveloped({ visibleTo: () => visible as AccessViewer })).toThrow(message);
  });

  test('visibleTo cannot be async, and hides nothing while the guard observes', () => {
    expect(() => useRolegate({ viewer: who, visibleTo: (async () => ANONYMOUS) as never })).toThrow(
      /must not be async/,
    );
    expect(enveloped({ visibleTo: who })?.getQueryType()?.getFields()).not.toHaveProperty('a');
    expect(enveloped({ visibleTo: who, enforcement: 'observe' })).toBeNull();
  });
});

/** Returns the schema that the plugin sets for one request, as Envelop calls it; null if it sets none. */
function enveloped(options: Partial<RolegatePluginOptions<unknown, unknown>>): GraphQLSchema | null {
  const plugin = useRolegate({ viewer: who, ...options });
  let set: GraphQLSchema | null = null;
  plugin.onSchemaChange({ schema: signedIn(), replaceSchema: () => undefined });
  plugin.onEnveloped({ context: {}, setSchema: (schema: GraphQLSchema) => void (set = schema) });
  return set;
}

test.each(['<html>', null, undefined, 1])(
  'attackServer refuses a sender that returns %j instead of an answer',
  async (answer) => {
    const attack = attackServer({ schema: signedIn(), send: async () => Promise.resolve(answer as never) });
    await expect(attack).rejects.toThrow(
      /send of attackServer returned (?:string|null|undefined|number); return the parsed body/,
    );
  },
);
