import { isDeepStrictEqual } from 'node:util';
import type { GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { ANONYMOUS, ask, faultsOf, guarded, viewer } from './support.ts';

const ENTITIES = `
  scalar _Any
  type _Service { sdl: String }
  type Open @public { id: ID }
  type Note @auth(requires: EDITOR, owner: "by") { id: ID by: ID text: String }
  type Secret @auth(requires: ADMIN) { id: ID }
  union _Entity = Open | Note | Secret
`;
const FIELDS = '_entities(representations: [_Any!]!): [_Entity]! _service: _Service!';
const SDL = `${ENTITIES} type Query { ${FIELDS} hello: String @public }`;

interface Representation {
  readonly __typename: string;
}

function subgraph(resolved: unknown[]): ReturnType<typeof guarded> {
  const entitiesOf = (_source: unknown, { representations }: { representations: Representation[] }): unknown[] =>
    representations.map((one) => {
      resolved.push(one);
      return isDeepStrictEqual(one, { __typename: 'Open', id: 2 })
        ? Promise.resolve(one)
        : { ...one, by: 'id' in one ? 'me' : 'you' };
    });
  return guarded(SDL, { Query: { _entities: entitiesOf, _service: () => ({ sdl: 'sdl' }) } });
}

const source = `{
  _service { sdl }
  _entities(representations: [
    { __typename: "Secret" }, { __typename: "Note", id: 1 }, { __typename: "Open", id: 2 }, { __typename: "Note" }
  ]) { __typename }
}`;

test('the fields of a federation library need no directive, whatever the query type requires', async () => {
  const resolved: unknown[] = [];
  expect(await ask(subgraph(resolved), ANONYMOUS, '{ _service { sdl } }')).toEqual({
    data: { _service: { sdl: 'sdl' } },
    denied: [],
  });
  const closed = guarded(`${ENTITIES} type Query @auth { ${FIELDS} hello: String }`, {
    Query: { _service: () => ({ sdl: 'sdl' }) },
  });
  expect((await ask(closed, ANONYMOUS, '{ _service { sdl } }')).denied).toEqual([]);
  expect((await ask(closed, ANONYMOUS, '{ hello }')).denied).toEqual(['Query.hello UNAUTHENTICATED at hello']);
});

test('a representation is judged before its reference is resolved', async () => {
  const resolved: unknown[] = [];
  const { data, denied } = await ask(subgraph(resolved), ANONYMOUS, source);
  expect(data).toEqual({ _service: { sdl: 'sdl' }, _entities: [null, null, { __typename: 'Open' }, null] });
  expect(denied).toEqual([0, 1, 3].map((index) => `Query._entities UNAUTHENTICATED at _entities.${index}`));
  expect(resolved).toEqual([{ __typename: 'Open', id: 2 }]);
});

test('an owner is judged on the resolved entity', async () => {
  const resolved: unknown[] = [];
  const { data, denied } = await ask(subgraph(resolved), viewer(), source);
  expect(data).toMatchObject({ _entities: [null, { __typename: 'Note' }, { __typename: 'Open' }, null] });
  expect(denied).toEqual([0, 3].map((index) => `Query._entities FORBIDDEN at _entities.${index}`));
  expect(resolved).toHaveLength(3);
});

test('representations that all are allowed reach the resolver as they are', async () => {
  const resolved: unknown[] = [];
  const { denied } = await ask(subgraph(resolved), viewer('ADMIN'), source);
  expect(denied).toEqual([]);
  expect(resolved).toHaveLength(4);
});

const asGiven = (_source: unknown, { representations }: { representations: unknown[] }) => representations;

test('a guard that observes lets all representations through, and tells which it would deny', async () => {
  const denials: string[] = [];
  const schema = guarded(
    SDL,
    { Query: { _entities: asGiven } },
    { enforcement: 'observe', onDenied: ({ path }) => denials.push(path.join('.')) },
  );
  const { data } = await ask(schema, ANONYMOUS, source.replace('_service { sdl }', ''));
  const names = ['Secret', 'Note', 'Open', 'Note'];
  expect(data).toEqual({ _entities: names.map((__typename) => ({ __typename })) });
  expect(denials).toEqual(['_entities.0']);
});

test('the resolver is not called if every representation is denied', async () => {
  const resolved: unknown[] = [];
  const query = '{ _entities(representations: [{ __typename: "Secret" }, { __typename: "Note" }]) { __typename } }';
  expect((await ask(subgraph(resolved), ANONYMOUS, query)).data).toEqual({ _entities: [null, null] });
  expect(resolved).toEqual([]);
});

test.each<readonly [string, unknown, unknown]>([
  ['no type', [{}, { __typename: 7 }, 'text', null], 'as it is'],
  ['an unknown type', [{ __typename: 'Other' }], 'as it is'],
  ['no list', undefined, 'as it is'],
  ['one denied, and nothing resolved', [{ __typename: 'Secret' }, { __typename: 'Open' }], null],
])('what the resolver makes of representations stays: %s', (_name, representations, made) => {
  const schema = guarded(SDL, { Query: { _entities: () => made } });
  const query = schema.getQueryType();
  const info = {
    schema,
    variableValues: {},
    fieldName: '_entities',
    fieldNodes: [],
    parentType: query,
    returnType: query?.getFields()['_service']?.type,
    path: { prev: undefined, key: '_entities', typename: 'Query' },
  } as unknown as GraphQLResolveInfo;
  expect(query?.getFields()['_entities']?.resolve?.({}, { representations }, ANONYMOUS, info)).toBe(made);
});

test('representations are denied one by one, even where no viewer may have any of them without a role', async () => {
  const types = 'scalar _Any type Secret @auth(requires: ADMIN) { id: ID } union _Entity = Secret';
  const schema = guarded(`${types} type Query { _entities(representations: [_Any!]!): [_Entity]! open: Int @public }`);
  const query = '{ _entities(representations: [{ __typename: "Secret" }]) { __typename } }';
  expect(await ask(schema, viewer('USER'), query)).toEqual({
    data: { _entities: [null] },
    denied: ['Query._entities FORBIDDEN at _entities.0'],
  });
});

test('the list of _entities alone may be non-null, though no viewer may have any of its items', () => {
  const types = 'scalar _Any type Secret @auth(requires: ADMIN) { id: ID } union _Entity = Secret';
  const field = '_entities(representations: [_Any!]!): [_Entity]!';
  expect(faultsOf(`${types} type Query { ${field} open: Int @public }`)).toEqual([]);
  expect(faultsOf(`${types} type Query { all: [_Entity]! @public open: Int @public }`)).toEqual(['Query.all']);
});

test('fields with the names of the federation library stay undecided in other types', () => {
  const types =
    'type _Service { sdl: String other: String } type Other { _service: _Service _entities: Int sdl: String }';
  expect(faultsOf(`${types} type Query { _service: _Service _entities: Int other: Other @public }`)).toEqual([
    'Other._entities',
    'Other._service',
    'Other.sdl',
    'Query._entities',
    '_Service.other',
  ]);
});
