import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  buildSchema,
  execute as executeByGraphQL,
  type ExecutionArgs,
  getIntrospectionQuery,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { authTypeDefs, type Denial, guardSchema } from '../../../src/access/index.ts';
import { plannedFields } from '../../../src/graphql/execute/document-plans.ts';
import { execute, fallbackReason } from '../../../src/graphql/execute/execute.ts';

const schema = buildSchema(/* GraphQL */ `
  type Thing {
    id: ID!
    name: String
    must: String!
    next: Thing
    mustNext: Thing!
    method(by: Int = 2): String
    sum(of: [Int!], within: Range): String
    list: [Thing]
  }
  input Range {
    from: Int = 1
  }
  type Query {
    thing: Thing
    other: Thing
    things: [Thing!]
  }
  type Mutation {
    thing: Thing
  }
  type Subscription {
    thing: Thing
  }
`);

type Source = Record<string, unknown>;

/** Executes with both executors, a second time with a known plan, and expects the same of all three. */
async function expectSame(query: string, rootValue: Source = {}, more: Partial<ExecutionArgs> = {}) {
  const args = { schema, document: parse(query), rootValue, ...more };
  const expected = JSON.stringify(await executeByGraphQL(args));
  for (let turn = 0; turn < 2; turn++) {
    expect(JSON.stringify(await execute(args))).toBe(expected);
  }
  return JSON.parse(expected) as { data: unknown; errors?: { message: string; path: unknown }[] };
}

const fails = (message: string) => (): never => {
  throw new Error(message);
};

/** Returns the arguments that it is given, and changes them. */
const change = (args: { by?: number; of?: number[]; within?: { from: number } }): string => {
  const given = JSON.stringify(args);
  args.by = 99;
  args.of?.push(99);
  Object.assign(args.within ?? {}, { from: 99 });
  return given;
};

const never = (): Promise<unknown> => new Promise(() => undefined);
const resolver: GraphQLFieldResolver<unknown, unknown> = () => ({ id: 1 });

const build = (): GraphQLSchema =>
  makeExecutableSchema({
    typeDefs: 'type Query { one: String two: String }',
    resolvers: { Query: { one: () => 'first' } },
  });

describe('execute', () => {
  it('errors are reported at their paths, beside what resolves', async () => {
    const thing = {
      id: 1,
      name: fails('no name'),
      must: 'there',
      next: { id: 2, name: Promise.reject(new Error('late')) },
    };
    const { data, errors } = await expectSame('{ thing { id name must next { id name } } }', { thing });
    expect(data).toEqual({ thing: { id: '1', name: null, must: 'there', next: { id: '2', name: null } } });
    expect(errors).toMatchObject([{ path: ['thing', 'name'] }, { path: ['thing', 'next', 'name'] }]);
  });

  it('the nearest nullable parent becomes null, and later errors below it are dropped', async () => {
    const must = { must: fails('first'), name: () => new Promise((_, reject) => setImmediate(reject, 'late')) };
    const { data, errors } = await expectSame('{ thing { next { mustNext { name must } } } other { id } }', {
      thing: { next: { mustNext: must } },
      other: { id: 1 },
    });
    expect(data).toMatchObject({ thing: { next: null }, other: { id: '1' } });
    expect(errors).toHaveLength(2); // the earlier field of the same object is waited for
  });

  it('the executor does not wait for fields below a null', async () => {
    const thing = { must: () => Promise.reject(new Error('no')), name: never };
    expect(await expectSame('{ thing { name must } }', { thing })).toMatchObject({ data: { thing: null } });
  });

  it('the executor returns at once if nothing is pending, errors included', () => {
    const document = parse('{ thing { name must } }');
    expect(execute({ schema, document, rootValue: { thing: { must: null } } })).toMatchObject({
      data: { thing: null },
      errors: [{ message: 'Cannot return null for non-nullable field Thing.must.' }],
    });
  });

  it('each resolver is called once for each object, however an execution ends', async () => {
    let calls = 0;
    const method = (): string => `call ${++calls}`;
    const things = [
      { method, must: null },
      { method, must: 'there' },
    ];
    await execute({ schema, document: parse('{ things { method must } }'), rootValue: { things } });
    expect(calls).toBe(1);
    await execute({ schema, document: parse('{ list: things { method name } }'), rootValue: { things: [...things] } });
    expect(calls).toBe(3);
  });

  it.each([
    ['a default', '{ thing { method } }'],
    ['a literal', '{ thing { method(by: 3) } }'],
    ['a variable', 'query ($by: Int = 4) { thing { method(by: $by) } }'],
    ['a literal list and object', '{ thing { sum(of: [1, 2], within: { from: 3 }) } }'],
  ])('each call has arguments of its own: %s', async (_, query) => {
    const list = [1, 2, 3].map(() => ({ method: change, sum: change }));
    await expectSame(query.replace('{ thing {', '{ thing { list {').replace(/\} \}$/u, '} } }'), { thing: { list } });
  });

  it('the event of a subscription is executed as the root', async () => {
    const document = parse('subscription { thing { id name } }');
    for (const id of ['1', '2']) {
      const rootValue = { thing: Promise.resolve({ id }) };
      expect(await execute({ schema, document, rootValue })).toEqual({ data: { thing: { id, name: null } } });
    }
    expect(plannedFields(document)).toBe(3);
  });

  it('introspection is executed as by graphql-js', async () => {
    const { data } = await expectSame(getIntrospectionQuery());
    expect(data).toHaveProperty('__schema.queryType.name', 'Query');
    await expectSame('{ __type(name: "Thing") { name fields { name } } thing { __typename } }', { thing: {} });
  });

  it('a response key that is special in JavaScript is kept', async () => {
    await expectSame('{ thing { __proto__: name constructor: id then: name } }', { thing: { id: 1, name: 'a' } });
  });

  it.each([null, undefined, true, false])('conditions that are %s are evaluated', async (value) => {
    const query =
      'query ($if: Boolean = true) { thing { id name @skip(if: $if) ...A } } fragment A on Thing { must @include(if: $if) }';
    const thing = { id: 1, name: 'name', must: 'must' };
    await expectSame(query, { thing }, { variableValues: value === undefined ? {} : { if: value } });
  });

  it('an operation is planned for a limited number of conditions', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `$c${index}`);
    const fields = names.map((name, index) => `f${index}: name @include(if: ${name})`);
    const document = parse(`query (${names.join(': Boolean!, ')}: Boolean!) { thing { ${fields.join(' ')} } }`);
    for (let choice = 0; choice < 64; choice++) {
      const variableValues = Object.fromEntries(names.map((_, index) => [`c${index}`, ((choice >> index) & 1) === 1]));
      const args = { schema, document, rootValue: { thing: { name: 'name' } }, variableValues };
      expect(await execute(args)).toEqual(await executeByGraphQL(args));
    }
    expect(plannedFields(document)).toBeLessThan(16 * 7);
  });
});

describe('operations that are left to graphql-js', () => {
  it.each<[string, string | null, Partial<ExecutionArgs>]>([
    ['{ thing { id } }', null, {}],
    ['mutation { thing { id } }', null, {}],
    ['{ thing { id } }', 'resolvers', { fieldResolver: resolver }],
    ['{ thing { id } }', 'resolvers', { typeResolver: () => 'Thing' }],
    ['{ ... @defer { thing { id } } }', 'incremental', {}],
    ['query A { thing { id } } query B { thing { id } }', 'invalid', {}],
    ['query A { thing { id } } query B { thing { id } }', null, { operationName: 'B' }],
    ['query A { thing { id } }', 'invalid', { operationName: 'C' }],
    ['fragment A on Query { thing { id } }', 'invalid', {}],
  ])('an operation is left to graphql-js: %s (reason: %s)', async (query, reason, more) => {
    expect(fallbackReason({ schema, document: parse(query), ...more })).toBe(reason);
    await expectSame(query, { thing: { id: 1 } }, more);
  });

  it('errors in variables are reported as by graphql-js', async () => {
    const query = 'query ($by: Int!, $range: Range) { thing { method(by: $by) sum(within: $range) } }';
    const variableValues = { by: 'x', range: { from: 'y', upTo: 1 } };
    await expectSame(query, {}, { variableValues });
    await expectSame(query, {}, { variableValues, options: { maxCoercionErrors: 1 }, hideSuggestions: true });
    expect(() => execute({ schema, document: parse(query), variableValues: 'text' as never })).toThrow(
      'Variables must',
    );
  });
});

describe('resolvers that are replaced', () => {
  it('resolvers that are replaced are called from then on', async () => {
    const schema = build();
    const document = parse('{ one two }');
    expect(await execute({ schema, document, rootValue: { two: 'property' } })).toEqual({
      data: { one: 'first', two: 'property' },
    });
    for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
      const { resolve } = field;
      field.resolve = async (...call) => `wrapped ${(await resolve?.(...call)) as string}`;
    }
    expect(await execute({ schema, document })).toEqual({ data: { one: 'wrapped first', two: 'wrapped undefined' } });
  });
});

describe('a guarded schema', () => {
  const denials: Denial[] = [];
  const calls: string[] = [];
  const note = (name: string) => (): string => {
    calls.push(name);
    return name;
  };
  const schema = guardSchema<{ roles: string[]; id: string | null }>(
    makeExecutableSchema({
      typeDefs: [
        authTypeDefs,
        `enum Role { ADMIN }
         type Profile @auth(requires: ADMIN, owner: "id") { id: ID! name: String }
         type Query @public {
           open: String
           closed: String @auth(requires: ADMIN)
           takes(secret: Int @auth(requires: ADMIN)): String
           profiles: [Profile]
         }`,
      ],
      resolvers: {
        Query: {
          open: note('open'),
          closed: note('closed'),
          takes: note('takes'),
          profiles: () => [{ id: 1 }, { id: 2 }],
        },
      },
    }),
    { viewer: ({ roles, id }) => ({ id, roles, permissions: [] }), onDenied: (denial) => denials.push(denial) },
  );

  it.each([
    [{ roles: [], id: null }, ['open'], ['closed', 'takes', 'profiles']],
    [{ roles: [], id: '1' }, ['open'], ['closed', 'takes', 'profiles.1']],
    [{ roles: ['ADMIN'], id: '3' }, ['closed', 'open', 'takes'], []],
  ])('a guarded schema denies the same fields, and reports them as often: %o', async (contextValue, called, denied) => {
    const document = parse('{ closed open takes(secret: 1) profiles { id } }');
    const outcomes = [];
    for (const executor of [executeByGraphQL, execute, execute]) {
      denials.length = 0;
      calls.length = 0;
      outcomes.push(JSON.stringify(await executor({ schema, document, contextValue })));
      expect(calls.toSorted()).toEqual(called);
      expect(denials.map(({ path }) => path.join('.'))).toHaveLength(denied.length);
    }
    expect(new Set(outcomes).size).toBe(1);
  });
});
