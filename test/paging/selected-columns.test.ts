import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, type GraphQLResolveInfo, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { authTypeDefs, guardSchema, type Policy, policyOf, visibleSchema } from '../../src/access/index.ts';
import { selectedColumns } from '../../src/paging/selected-columns.ts';

const typeDefs = /* GraphQL */ `
  enum Role {
    ADMIN
  }
  type Note @auth(requires: ADMIN, owner: "writer") {
    id: ID
    title: String
    text: String
    words: Int
    writer: ID
    secret: String @auth(requires: ADMIN, owner: "keeper")
    keeper: ID @auth(requires: ADMIN)
    again: NoteConnection
  }
  type NoteEdge {
    cursor: String
    node: Note
  }
  type NoteConnection {
    nodes: [Note]
    edges: [NoteEdge]
    pageInfo: PageInfo
    totalCount: Int
    average: Float @auth(requires: ADMIN)
    made: [Note] @auth(requires: ADMIN)
  }
  type PageInfo @public {
    hasNextPage: Boolean
  }
  interface Named @public {
    name: String
  }
  type Person implements Named @public {
    name: String
  }
  type NamedConnection @public {
    nodes: [Named]
  }
  type Query @public {
    notes(first: Int): NoteConnection
    named: NamedConnection
    note: Note
  }
`;

const ADMIN = { id: '1', roles: ['ADMIN'], permissions: [] };
const SOMEBODY = { id: '2', roles: [], permissions: [] };

/** Returns the selection of each field that returns a connection, in their order. */
function askedBy(query: string, see: (policy: Policy) => GraphQLSchema = ({ schema }) => schema) {
  const asked: ReturnType<typeof selectedColumns>[] = [];
  const look = (info: GraphQLResolveInfo, policy: Policy): object => {
    asked.push(selectedColumns(info, policy));
    expect(selectedColumns(info, policy)).toBe(asked.at(-1));
    return { nodes: [{ id: 7 }] };
  };
  const policy = (): Policy => policyOf(schema) as Policy;
  const resolvers = {
    Query: {
      notes: (_: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => look(info, policy()),
      named: (_: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => look(info, policy()),
    },
    Note: {
      words: () => 3,
      again: (_: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => look(info, policy()),
    },
    NoteConnection: { made: () => [] },
    Named: { __resolveType: () => 'Person' },
  };
  const plain = makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers });
  const schema = guardSchema(plain, { viewer: () => ADMIN });
  const result = execute({ schema: see(policy()), document: parse(query) });
  expect(result).not.toHaveProperty('errors');
  return asked.map(
    (one) =>
      one && { rows: one.rows, key: one.key, properties: [...one.properties].sort(), computed: [...one.computed] },
  );
}

describe('the selection of a page', () => {
  it.each([
    ['nodes', '{ notes { nodes { title } } }'],
    ['edges', '{ notes { edges { node { title } } } }'],
    ['an alias', '{ notes { nodes { other: title } } }'],
    ['what may be skipped', '{ notes { nodes @skip(if: true) { title } } }'],
    ['an inline fragment', '{ notes { ... on NoteConnection { nodes { ... { title } } } } }'],
    ['a fragment', '{ ...A } fragment A on Query { notes { ...B } } fragment B on NoteConnection { nodes { title } }'],
    ['a fragment twice', '{ notes { nodes { ...A ...A } } } fragment A on Note { title }'],
  ])('a selection has the fields of its rows, and their owners: by %s', (_, query) => {
    expect(askedBy(query)).toEqual([
      { rows: true, properties: ['title', 'writer'], computed: [], key: 'true,title,writer' },
    ]);
  });

  it('a selection is collected from selections that are merged', () => {
    const [asked] = askedBy('{ notes { nodes { id } } notes { edges { node { title } } nodes { text } totalCount } }');
    expect(asked).toMatchObject({ rows: true, properties: ['id', 'text', 'title', 'writer'] });
  });

  it('a selection names fields that a resolver computes', () => {
    const [asked] = askedBy('{ notes { nodes { words title } } }');
    expect(asked).toMatchObject({ properties: ['title', 'writer'], computed: ['words'] });
  });

  it('a selection includes the owner of a guarded field', () => {
    const [asked] = askedBy('{ notes { nodes { secret } } }');
    expect(asked).toMatchObject({ properties: ['keeper', 'secret', 'writer'] });
  });

  it('each list has a selection, however deep', () => {
    const asked = askedBy('{ notes { nodes { again { nodes { id } } } } }');
    expect(asked).toMatchObject([{ computed: ['again'] }, { properties: ['id', 'writer'], computed: [] }]);
  });

  it.each([
    ['{ notes { totalCount } }', false],
    ['{ notes { __typename } }', false],
    ['{ notes { totalCount __typename pageInfo { hasNextPage } } }', true],
    ['{ notes { edges { cursor } } }', true],
  ])('a selection says if rows are needed: %s', (query, rows) => {
    expect(askedBy(query)).toMatchObject([{ rows, properties: ['writer'] }]);
  });

  it.each([
    ['a field of the connection that lists do not have', '{ notes { average nodes { id } } }'],
    ['a field of the connection with a resolver', '{ notes { made { id } } }'],
    ['rows of several types', '{ named { nodes { name } } }'],
  ])('a selection is unknown for %s', (_, query) => {
    expect(askedBy(query)).toEqual([null]);
  });

  it('a selection is unknown where the viewer does not see the owner of a row', () => {
    const query = '{ notes { nodes { secret } } }';
    expect(askedBy(query, (policy) => visibleSchema(policy, { viewer: ADMIN }))).toMatchObject([{ rows: true }]);
    expect(askedBy(query, (policy) => visibleSchema(policy, { viewer: SOMEBODY }))).toEqual([null]);
  });
});
