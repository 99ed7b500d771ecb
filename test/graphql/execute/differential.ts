import * as fc from 'fast-check';
import { defaultTypeResolver } from 'graphql';
import { expect } from 'vitest';
import type { TestApp, Who } from '../../support/app.ts';
import { Choices, randomOperation } from './random-operations.ts';

/** Those who may do more come up more often: operations that are refused are not what plans are for. */
const WHO: readonly Who[] = [
  'ANONYMOUS',
  'GUEST',
  'SALES',
  'DEVELOPER',
  'ACCOUNT_MANAGER',
  ...(['ADMIN', 'SUPER_ADMIN', 'ADMIN', 'SUPER_ADMIN', 'ADMIN'] as const),
];

/** Grows while it is read: what was refused to others. */
const GROWING = new Set(['auditEvents']);

/** Change nothing when what they name is not there. */
const HARMLESS = new Set([
  'adjustInventoryCount',
  'updateInventoryItem',
  'deleteInventoryItem',
  'updateDocument',
  'deleteDocument',
  'updateAccount',
  'deleteAccount',
  'deactivateUser',
  'deleteRole',
]);

const MISSING = ['00000000-0000-4000-8000-000000000000', 'no id at all', ''];

/** Ids and names that exist, by what they are of. */
async function found(app: TestApp): Promise<string[]> {
  const query = `{ accounts(first: 3) { nodes { id } } users(first: 3) { nodes { id username } }
    documents(first: 3) { nodes { id } } inventoryItems(first: 3) { nodes { name } } roles(first: 3) { nodes { name } } }`;
  const { body } = await app.as('ADMIN').request(query);
  return [...JSON.stringify(body).matchAll(/"(?:id|name|username)":"([^"]*)"/g)].map(([, value = '']) => value);
}

function leavesOf(known: readonly string[]) {
  return (type: string, name: string): readonly unknown[] => {
    switch (type) {
      case 'Int':
        return name === 'first' || name === 'last'
          ? [0, 1, 2, 5, 5, 5, 20, 200, 201]
          : [0, 1, -1, 2 ** 31 - 1, 2, 3, 1.5];
      case 'Boolean':
        return [true, false];
      case 'ID':
      case 'RoleName':
        return [...known, ...MISSING];
      case 'DateTime':
        return ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00+02:00', 'yesterday'];
      default:
        return [...known, ...MISSING, 'a', 'é', '%_\\', '{ me { id } }', 7];
    }
  };
}

/** Has graphql-js execute what is asked meanwhile: a type resolver of its own rules out a plan, and changes nothing. */
async function withGraphQL<Answer>({ pipeline }: TestApp, ask: () => Promise<Answer>): Promise<Answer> {
  const execute = pipeline.execute.bind(pipeline);
  pipeline.execute = (args) => execute({ ...args, typeResolver: (...call) => defaultTypeResolver(...call) });
  try {
    return await ask();
  } finally {
    pipeline.execute = execute;
  }
}

/**
 * Returns a body with its errors in the order of their paths. Fields that read at the same time fail in the order in
 * which the database's answers arrive, which is not the executor's to decide; with resolvers that settle in a fixed
 * order, `outcomes.test.ts` compares the order as well.
 */
function withSortedErrors(text: string): string {
  const { errors = [], ...rest } = JSON.parse(text) as { readonly errors?: readonly { readonly path?: unknown }[] };
  const keyed = errors.map((error) => [JSON.stringify(error.path ?? []), JSON.stringify(error)].join(' '));
  return JSON.stringify({ errors: keyed.toSorted(), ...rest });
}

/**
 * Asks random operations twice as random viewers, over HTTP. The first time graphql-js executes them, the second time a
 * plan, if there can be one. Status, headers and body must be the same, byte for byte but for the order of errors.
 *
 * @returns the number of operations by status
 */
export async function expectSameBytes(app: TestApp, { runs, seed }: { runs: number; seed: number }) {
  const known = await found(app);
  const tokens = new Map<Who, string | null>();
  for (const who of WHO) {
    tokens.set(who, who === 'ANONYMOUS' ? null : await app.as(who).token());
  }
  const statuses: Record<string, number> = {};
  const property = fc.asyncProperty(fc.gen(), async (generate) => {
    const choices = new Choices(generate);
    const kind = choices.isBelow(0.1) ? 'mutation' : 'query';
    const { schema } = app;
    const roots = (name: string): boolean => (kind === 'query' ? !GROWING.has(name) : HARMLESS.has(name));
    const leaves = kind === 'query' ? leavesOf(known) : leavesOf([]);
    const operation = randomOperation(choices, { schema, kind, roots, leaves });
    const token = tokens.get(choices.pick(WHO)) ?? null;
    const headers = { 'x-request-id': 'differential', ...(token !== null && { authorization: `Bearer ${token}` }) };
    const first = await withGraphQL(app, () => app.post(operation, headers));
    const second = await app.post(operation, headers);
    const seen = ({ status, text, headers: { date: _date, ...rest } }: typeof first) => ({
      status,
      text: withSortedErrors(text),
      rest,
    });
    expect(seen(second), JSON.stringify(operation)).toEqual(seen(first));
    statuses[first.status] = (statuses[first.status] ?? 0) + 1;
  });
  await fc.assert(property, { numRuns: runs, seed });
  return statuses;
}
