import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  execute,
  getVariableValues,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  parse,
  validate,
} from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { authTypeDefs, type Denial, guardSchema } from '../../../src/access/index.ts';
import { executePlan, type Outcome } from '../../../src/graphql/execute/execute.ts';
import { createPlan } from '../../../src/graphql/execute/plan.ts';
import { Dice, randomOperation } from './random-operations.ts';

const typeDefs = /* GraphQL */ `
  enum Role {
    ADMIN
  }
  enum Color {
    RED
    GREEN
  }
  input Range {
    from: Int = 1
    to: Int
    color: Color = RED
    within: Range
  }
  interface Named @public {
    name: String
  }
  type Thing implements Named @public {
    id: ID!
    name: String
    later: Int
    thenable: Int
    method(by: Int = 2): Int
    getter: String
    color: Color
    badColor: Color
    wrongInt: Int
    missing: String
    required: String!
    requiredLater: String!
    thrown: String
    thrownLater: String
    error: String
    children(first: Int = 2, range: Range): [Thing]
    grid: [[Int!]]!
    promises: [Int]
    set: [Int]
    noList: [Int]
    holes: [Thing!]
    named: Named
    any: Any
    closed: String @auth(requires: ADMIN)
    echo(range: Range!, color: Color, ids: [ID!]): String
  }
  union Any = Thing | Other
  type Other @public {
    value: Float
    thing: Thing
  }
  type Profile @auth(requires: ADMIN, owner: "id") {
    id: ID!
    name: String
  }
  type Query @public {
    me: Profile
    profiles: [Profile]
    thing(id: ID): Thing
    things(first: Int! = 3): [Thing!]!
    other: Other
    nothing: Thing
  }
`;

interface Source {
  readonly id: number;
}

let calls: unknown[] = [];

function called(info: GraphQLResolveInfo, args: unknown): void {
  const { fieldName, returnType, parentType, path, operation, fieldNodes, rootValue } = info;
  const steps = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at; at = at.prev) {
    steps.push([at.key, at.typename]);
  }
  const nodes = fieldNodes.map(({ loc }) => loc?.start);
  calls.push([fieldName, String(returnType), String(parentType), steps, operation.name?.value, nodes, rootValue, args]);
}

const thing = (id: number): object => ({
  id,
  name: `thing ${id}`,
  later: Promise.resolve(id),
  // oxlint-disable-next-line unicorn/no-thenable -- what is no promise, and is waited for all the same
  thenable: { then: (resolve: (value: number) => void) => resolve(id) },
  method: (args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
    called(info, args);
    return id;
  },
  get getter() {
    return `got ${id}`;
  },
  color: id % 2 === 0 ? 'RED' : 'GREEN',
  badColor: 'PURPLE',
  wrongInt: 1.5,
  required: id % 5 === 4 ? null : 'there',
  requiredLater: Promise.resolve(id % 5 === 3 ? null : 'there'),
  error: id % 3 === 0 ? new Error('returned') : 'none',
  grid: [[id, 1], null, []],
  promises: [Promise.resolve(1), null, 3],
  set: new Set([1, 2]),
  noList: id % 4 === 0 ? 'text' : [id],
});

const made = (id: number) => (_source: Source, args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
  called(info, args);
  return thing(id);
};

const resolvers = {
  Named: { __resolveType: () => 'Thing' },
  Any: { __resolveType: () => 'Other' },
  Thing: {
    thrown: () => {
      throw new Error('thrown');
    },
    thrownLater: ({ id }: Source) =>
      id % 2 === 0 ? Promise.reject(new Error('thrown later')) : Promise.resolve('fine'),
    children: ({ id }: Source, args: { first: number }, _context: unknown, info: GraphQLResolveInfo) => {
      called(info, args);
      const children = Array.from({ length: Math.min(args.first, 3) }, (_, index) => thing(id * 3 + index));
      return id % 2 === 0 ? children : Promise.resolve(children);
    },
    holes: ({ id }: Source) => (id % 4 === 1 ? [thing(1), null] : [thing(2)]),
    named: made(1),
    any: () => ({ value: 1 }),
    closed: () => 'secret',
    echo: (_source: Source, args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
      called(info, args);
      return JSON.stringify(args);
    },
  },
  Query: {
    me: () => Promise.resolve({ id: '1', name: 'One' }),
    profiles: () => [{ id: '1' }, { id: '2' }],
    thing: made(7),
    things: (_source: unknown, { first }: { first: number }) => Array.from({ length: first }, (_, id) => thing(id)),
    other: () => Promise.resolve({ value: 0.5, thing: thing(6) }),
  },
};

const denials: Denial[] = [];
const schema = guardSchema(makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers }), {
  viewer: ({ id = null, roles }: { id?: string | null; roles: string[] }) => ({ id, roles, permissions: [] }),
  onDenied: (denial) => denials.push(denial),
});
const OWNER = { id: '1', roles: [] };
const ADMIN = { roles: ['ADMIN'] };
const NOBODY = { roles: [] };

async function run(
  query: string,
  sent: Record<string, unknown> = {},
  context: object = ADMIN,
  of: GraphQLSchema = schema,
): Promise<Outcome | null> {
  const document = parse(query);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) {
    throw new TypeError('The document begins with the operation');
  }
  const { coerced } = getVariableValues(of, operation.variableDefinitions ?? [], sent);
  const plan = coerced ? createPlan(of, document, operation, coerced) : null;
  return plan && coerced ? executePlan(plan, context, coerced) : null;
}

beforeEach(() => {
  denials.length = 0;
  calls = [];
});

function leaves(type: string): readonly unknown[] {
  return type === 'Int' ? [0, 1, 2, 3] : type === 'Boolean' ? [true, false] : ['a', '1'];
}

/** What came of an operation: its answer and the calls, in any order, or that there were errors. */
function told(answer: string | null): unknown {
  return answer === null ? 'errors' : { answer, calls: calls.map((call) => JSON.stringify(call)).toSorted() };
}

it('answers random operations as graphql-js does, and calls resolvers with the same', async () => {
  const dice = new Dice(7);
  let byPlan = 0;
  for (let turn = 0; turn < 800; turn++) {
    const { query, variables } = randomOperation(dice, { schema, kind: 'query', roots: () => true, leaves });
    const document = parse(query);
    const isValid = validate(schema, document).length === 0;
    calls = [];
    const outcome = isValid ? await run(query, variables) : null;
    if (outcome === null || ('leftFor' in outcome && outcome.leftFor !== 'error')) {
      continue;
    }
    byPlan += 'data' in outcome ? 1 : 0;
    const seen = told('data' in outcome ? JSON.stringify(outcome) : null);
    calls = [];
    const expected = await execute({ schema, document, variableValues: variables, contextValue: ADMIN });
    expect(seen, query).toEqual(told(expected.errors === undefined ? JSON.stringify(expected) : null));
  }
  expect(byPlan).toBeGreaterThan(80);
});

describe('a plan', () => {
  it.each<[string, string, Record<string, unknown>?]>([
    ['mutations', 'mutation { __typename }'],
    ['introspection', '{ __schema { types { name } } }'],
    ['introspection of one type', '{ __type(name: "Query") { name } }'],
    ['a field of an abstract type', '{ thing { named { name } } }'],
    ['a fragment on an abstract type', '{ thing { ... on Named { name } } }'],
    ['a condition that is null', 'query ($if: Boolean = true) { thing @skip(if: $if) { id } }', { if: null }],
    ['a name that JavaScript keeps to itself', '{ __proto__: thing { id } }'],
  ])('is not made of %s', async (_, query, variables = {}) => {
    expect(await run(query, variables)).toBeNull();
  });

  it.each([
    ['a denial', '{ thing { closed } }', 'refusal'],
    ['an error', '{ thing { thrown } }', 'error'],
    ['an error that comes later', '{ things(first: 1) { thrownLater } }', 'error'],
    ['an error in the place of a value', '{ things(first: 1) { error } }', 'error'],
    ['a null where none may be', '{ things(first: 5) { required } }', 'error'],
    ['a leaf that is no good', '{ thing { wrongInt } }', 'error'],
    ['no list', '{ things(first: 1) { noList } }', 'error'],
    ['a method of an object', '{ thing { method } }', 'unsupported'],
  ])('is given up for %s', async (_, query, leftFor) => {
    expect(await run(query, {}, leftFor === 'refusal' ? NOBODY : ADMIN)).toEqual({ leftFor });
  });

  it('shows what one owns', async () => {
    expect(await run('{ me { id name } }', {}, OWNER)).toEqual({ data: { me: { id: '1', name: 'One' } } });
  });

  it('is given up for what another owns, of which graphql-js tells', async () => {
    expect(await run('{ profiles { id } }', {}, OWNER)).toEqual({ leftFor: 'error' });
    expect(denials).toEqual([]);
    const told = await execute({ schema, document: parse('{ profiles { id } }'), contextValue: OWNER });
    expect(told).toMatchObject({ data: { profiles: [{ id: '1' }, null] }, errors: [{ path: ['profiles', 1] }] });
    expect(denials).toHaveLength(1);
  });

  it('calls no resolver when a requirement is not satisfied, however deep', async () => {
    await run('{ thing { children { children { closed } } } }', {}, NOBODY);
    expect(calls).toEqual([]);
  });

  it('keeps the order of selection, whatever comes first', async () => {
    const outcome = await run('{ other { value } thing { later id thenable name } things(first: 0) { id } }');
    expect(JSON.stringify(outcome)).toBe(
      '{"data":{"other":{"value":0.5},"thing":{"later":7,"id":"7","thenable":7,"name":"thing 7"},"things":[]}}',
    );
  });
});
