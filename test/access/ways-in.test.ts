import { describe, expect, test } from 'vitest';
import { ask, ANONYMOUS, guarded, viewer } from './support.ts';

const SDL = `
  interface Node @public { id: ID! }
  interface Named @public { name: String }
  type Secret implements Node & Named @auth(requires: EDITOR) { id: ID! name: String deep: Secret }
  type Open implements Node & Named @public { id: ID! name: String secret: Secret secrets: [Secret] list: [[Secret]] hidden: String @auth(requires: ADMIN) }
  union Either = Secret | Open
  type Payload @public { secret: Secret either: Either }
  type Query @public {
    secret: Secret
    secrets: [Secret!]
    node(id: ID): Node
    nodes: [Node]
    named: Named
    either: Either
    eithers: [[Either]]
    open: Open
    payload: Payload
  }
  type Mutation @public { change: Payload }
`;

interface Calls {
  readonly calls: string[];
}

/** Every resolver of a Secret writes down that it was called. */
function world(): Calls & { schema: ReturnType<typeof guarded> } {
  const calls: string[] = [];
  const secret = { __typename: 'Secret', id: 's', name: 'secret' };
  const open = { __typename: 'Open', id: 'o', name: 'open', hidden: 'hidden' };
  const give = (name: string, value: unknown) => () => {
    calls.push(name);
    return value;
  };
  const schema = guarded(SDL, {
    Query: {
      secret: give('secret', secret),
      secrets: give('secrets', [secret]),
      node: (_source: unknown, { id }: { id?: string }) => (id === 'o' ? open : secret),
      nodes: () => [open, secret],
      named: () => secret,
      either: () => secret,
      eithers: () => [[secret, open], [secret]],
      open: () => open,
      payload: () => ({ secret, either: secret }),
    },
    Mutation: { change: () => ({ secret, either: secret }) },
    Open: {
      secret: give('Open.secret', secret),
      secrets: give('Open.secrets', [secret]),
      list: give('Open.list', [[secret]]),
    },
    Secret: { deep: give('deep', secret), name: give('name', 'secret') },
  });
  return { calls, schema };
}

describe('every way to a guarded type ends at its requirement', () => {
  const ways: readonly (readonly [string, string, unknown, string])[] = [
    ['plain', '{ secret { id } }', { secret: null }, 'Query.secret at secret'],
    ['alias', '{ x: secret { id } }', { x: null }, 'Query.secret at x'],
    ['__typename only', '{ secret { __typename } }', { secret: null }, 'Query.secret at secret'],
    ['list', '{ secrets { id } }', { secrets: null }, 'Query.secrets at secrets'],
    ['inline fragment', '{ ... on Query { secret { id } } }', { secret: null }, 'Query.secret at secret'],
    ['named fragment', '{ ...F } fragment F on Query { secret { id } }', { secret: null }, 'Query.secret at secret'],
    [
      'nested fragments',
      '{ ...F } fragment F on Query { ...G } fragment G on Query { secret { id } }',
      { secret: null },
      'Query.secret at secret',
    ],
    ['interface', '{ node { id } }', { node: null }, 'Query.node at node'],
    ['interface, __typename', '{ node { __typename } }', { node: null }, 'Query.node at node'],
    ['interface, type condition', '{ node { ... on Secret { id } } }', { node: null }, 'Query.node at node'],
    ['interface, condition on another', '{ node { ... on Named { name } } }', { node: null }, 'Query.node at node'],
    ['other interface', '{ named { name } }', { named: null }, 'Query.named at named'],
    ['union', '{ either { __typename } }', { either: null }, 'Query.either at either'],
    ['union, fragment', '{ either { ... on Secret { id } } }', { either: null }, 'Query.either at either'],
    ['nested', '{ open { secret { id } } }', { open: { secret: null } }, 'Open.secret at open.secret'],
    ['nested list', '{ open { secrets { id } } }', { open: { secrets: null } }, 'Open.secrets at open.secrets'],
    ['nested lists of lists', '{ open { list { id } } }', { open: { list: null } }, 'Open.list at open.list'],
    ['payload', '{ payload { secret { id } } }', { payload: { secret: null } }, 'Payload.secret at payload.secret'],
    [
      'mutation payload',
      'mutation { change { secret { id } } }',
      { change: { secret: null } },
      'Payload.secret at change.secret',
    ],
    [
      'mutation payload, union',
      'mutation { change { either { __typename } } }',
      { change: { either: null } },
      'Payload.either at change.either',
    ],
    [
      'beside introspection',
      '{ __schema { queryType { name } } secret { id } }',
      { __schema: { queryType: { name: 'Query' } }, secret: null },
      'Query.secret at secret',
    ],
    ['@include', '{ secret @include(if: true) { id } }', { secret: null }, 'Query.secret at secret'],
    ['@skip', '{ secret @skip(if: false) { id } }', { secret: null }, 'Query.secret at secret'],
    ['field of its own', '{ open { hidden } }', { open: { hidden: null } }, 'Open.hidden at open.hidden'],
  ];

  test.each(ways)('%s', async (_name, source, data, denied) => {
    const { schema, calls } = world();
    const [coordinate = '', path = ''] = denied.split(' at ');
    expect(await ask(schema, viewer('USER'), source)).toEqual({ data, denied: [`${coordinate} FORBIDDEN at ${path}`] });
    expect(await ask(schema, ANONYMOUS, source)).toEqual({
      data,
      denied: [`${coordinate} UNAUTHENTICATED at ${path}`],
    });
    expect(calls).toEqual([]);
  });

  test.each(ways)('%s is open to ADMIN', async (_name, source) => {
    const { denied } = await ask(world().schema, viewer('ADMIN'), source);
    expect(denied).toEqual([]);
  });

  test('items of a list of an abstract type are denied one by one', async () => {
    const { schema } = world();
    expect(await ask(schema, viewer('USER'), '{ nodes { id } eithers { __typename } }')).toEqual({
      data: { nodes: [{ id: 'o' }, null], eithers: [[null, { __typename: 'Open' }], [null]] },
      denied: [
        'Query.nodes FORBIDDEN at nodes.1',
        'Query.eithers FORBIDDEN at eithers.0.0',
        'Query.eithers FORBIDDEN at eithers.1.0',
      ],
    });
  });

  test('siblings resolve', async () => {
    const { schema } = world();
    expect(
      await ask(schema, viewer('USER'), '{ secret { id } open { id hidden name } o: node(id: "o") { id } }'),
    ).toEqual({
      data: { secret: null, open: { id: 'o', hidden: null, name: 'open' }, o: { id: 'o' } },
      denied: ['Query.secret FORBIDDEN at secret', 'Open.hidden FORBIDDEN at open.hidden'],
    });
  });

  test('one of several operations is judged by itself', async () => {
    const { schema } = world();
    const { denied } = await ask(schema, viewer('USER'), 'query { secret { id } }');
    expect(denied).toEqual(['Query.secret FORBIDDEN at secret']);
  });

  test('a response key that different types fill is judged by the type it is filled by', async () => {
    const { schema } = world();
    const source = '{ eithers { ... on Open { x: hidden } ... on Secret { x: name } } }';
    expect(await ask(schema, viewer('EDITOR'), source)).toEqual({
      data: { eithers: [[{ x: 'secret' }, { x: null }], [{ x: 'secret' }]] },
      denied: ['Open.hidden FORBIDDEN at eithers.0.1.x'],
    });
  });
});
