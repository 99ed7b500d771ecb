import type { GraphQLError, GraphQLObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { AccessViewer } from '../../src/access/index.ts';
import { guarded, viewer } from './support.ts';

/** Returns what a resolver does that is called without info; for a denial, its code. */
const call = (
  schema: ReturnType<typeof guarded>,
  type: string,
  name: string,
  who: AccessViewer,
  args = {},
): unknown => {
  const fields = (schema.getType(type) as GraphQLObjectType).getFields();
  const resolve = fields[name]?.resolve as ((...values: unknown[]) => unknown) | undefined;
  try {
    return resolve?.({ by: 'other', shut: 1, own: 1, ruled: 1, property: 1 }, args, who);
  } catch (error) {
    return (error as GraphQLError).extensions['code'] ?? error;
  }
};

describe('a resolver that is called without info', () => {
  const sdl = `
    directive @by(order: Order) on FIELD
    enum Order { ID SHUT @reads(fields: ["Query.shut"]) }
    type Note @auth(requires: ADMIN, owner: "by") { by: ID text: Int }
    type Row @public { shut: Int @auth(requires: ADMIN) own: Int @auth(owner: "by") ruled: Int @auth(policy: "mine") by: ID }
    type Query @public {
      shut: Int @auth(requires: ADMIN) plain: Int taken(x: Int @auth(requires: ADMIN)): Int notes: [Note]
      sorted(by: Order): Int property: Int @auth(requires: ADMIN)
    }
  `;
  const resolvers = {
    Query: {
      shut: () => 1,
      plain: () => 1,
      taken: () => 1,
      notes: () => [{ by: 'me' }, { by: 'other' }],
      sorted: () => 1,
    },
  };
  test.each(['null', 'reject'] as const)('is judged by its context (%s)', (denial) => {
    const policies = { mine: ({ viewer: { id } }: { viewer: AccessViewer }) => id === 'boss' };
    const schema = guarded(sdl, resolvers, { denial, policies });
    const boss: AccessViewer = { id: 'boss', roles: ['ADMIN'], permissions: [] };
    for (const [type, name, args] of [
      ['Query', 'shut'],
      ['Query', 'property'],
      ['Query', 'taken', { x: 1 }],
      ['Query', 'sorted', { by: 'SHUT' }],
      ['Row', 'shut'],
      ['Row', 'ruled'],
    ] as const) {
      expect([name, call(schema, type, name, viewer('USER'), args)]).toEqual([name, 'FORBIDDEN']);
      expect([name, call(schema, type, name, boss, args)]).toEqual([name, 1]);
    }
    expect(call(schema, 'Row', 'own', viewer('USER'))).toBe('FORBIDDEN');
    expect(call(schema, 'Row', 'own', { ...viewer(), id: 'other' })).toBe(1);
    expect(call(schema, 'Query', 'plain', viewer('USER'))).toBe(1);
    const [mine, other] = call(schema, 'Query', 'notes', viewer('USER')) as unknown[];
    expect([mine, other]).toEqual([{ by: 'me' }, expect.objectContaining({ message: 'Permission denied' })]);
  });
});
