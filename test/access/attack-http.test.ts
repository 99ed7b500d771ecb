import { type FormattedExecutionResult, getOperationAST, OperationTypeNode, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attackServer, type Operation, type SampleValues } from '../../src/testing/index.ts';
import { connectAs } from '../sockets/client.ts';
import { type Actor, createTestApp, type TestApp } from '../support/app.ts';
import { accountIdOf, look, userId } from '../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

/** The data that attacks ask for, so that they reach the requirements. */
async function valuesOf(): Promise<SampleValues> {
  const [user, account] = [await userId(app, 'standard'), await accountIdOf(app, 'standard')];
  return {
    'Query.user(id:)': user,
    'Query.account(id:)': account,
    EmailAddress: 'somebody@example.com',
    DateTime: '2026-01-01T00:00:00.000Z',
    IBAN: 'DE89370400440532013000',
    JSON: { count: 1 },
    RoleName: 'GUEST',
    UUID: '00000000-0000-4000-8000-000000000000',
  };
}

/** Subscribes on a connection of its own. */
async function overSocket(viewer: string, operation: Operation): Promise<FormattedExecutionResult> {
  const socket = await connectAs(app, viewer === 'anonymous' ? 'ANONYMOUS' : viewer);
  const { query, variables, operationName } = operation;
  const answer = await socket.subscribe<Record<string, unknown>, object>(query, variables, operationName).outcome();
  await socket.close();
  return answer;
}

/** Counts the rows of everything that a mutation may write, but for those that every request leaves behind. */
async function rowCounts(): Promise<unknown[]> {
  const tables = [
    'users',
    'accounts',
    'roles',
    'role_assignments',
    'role_exclusions',
    'api_keys',
    'inventory_items',
    'documents',
  ];
  return Promise.all(tables.map((table) => look(app, `select count(*) as rows from ${table}`)));
}

test('the server denies over HTTP whatever the table denies', { timeout: 240_000 }, async () => {
  const before = await rowCounts();
  const actors = new Map<string, Actor>();
  const actor = (role: string): Actor => {
    const known = actors.get(role) ?? app.as(role);
    actors.set(role, known);
    return known;
  };
  const { tried, denied, allowed, cutOff, failures } = await attackServer({
    schema: app.schema,
    rolePermissions: { ADMIN: 'all' },
    values: await valuesOf(),
    send: async (viewer, operation) => {
      if (
        getOperationAST(parse(operation.query), operation.operationName)?.operation === OperationTypeNode.SUBSCRIPTION
      ) {
        return overSocket(viewer, operation);
      }
      const token = viewer === 'anonymous' ? null : await actor(viewer).token();
      return (await app.post(operation, token === null ? {} : { authorization: `Bearer ${token}` })).body;
    },
  });
  process.stdout.write(
    `${tried} attacks over HTTP: ${denied} to be refused (${cutOff} on the way to their target), ${allowed} queries let in\n`,
  );
  expect(failures.slice(0, 10)).toEqual([]);
  expect(denied).toBeGreaterThan(1_000);
  expect(await rowCounts()).toEqual(before);
});
