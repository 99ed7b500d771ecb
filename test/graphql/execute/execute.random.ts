import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type DocumentNode,
  execute as executeByGraphQL,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { execute } from '../../../src/graphql/execute/execute.ts';
import { Behaviour } from './odd-behaviour.ts';
import { guardedOddSchema, type OddContext, oddSchema, valueOf } from './odd-schema.ts';
import { randomTypeDefs } from './odd-types.ts';
import { Choices, randomOperation } from './random-operations.ts';

/** The outcome of an execution: the response, its errors with what they refer to, and every call in its order. */
interface Outcome {
  readonly isPromise: boolean;
  readonly response: string;
  readonly errors: readonly unknown[];
  readonly log: readonly string[];
}

type Execute = (args: ExecutionArgs) => ExecutionResult | PromiseLike<ExecutionResult>;

const schemas = { guarded: guardedOddSchema(), plain: oddSchema() };

function leaves(type: string): readonly unknown[] {
  return type === 'Int' ? [0, 1, 2, 3] : type === 'Boolean' ? [true, false] : ['a', '1'];
}

const VIEWERS = [
  { id: null, roles: [] },
  { id: '1', roles: [] },
  { id: '7', roles: ['USER'] },
  { id: '2', roles: ['ADMIN', 'USER'] },
];

type Counts = Record<'executions' | 'with errors' | 'with several errors' | 'without data' | 'promises', number>;

function count(counts: Counts, { errors, response, isPromise }: Outcome): void {
  counts.executions += 1;
  counts['with errors'] += errors.length > 0 ? 1 : 0;
  counts['with several errors'] += errors.length > 1 ? 1 : 0;
  counts['without data'] += response.includes('"data":null') ? 1 : 0;
  counts.promises += isPromise ? 1 : 0;
}

/**
 * Executes random operations on resolvers of random behaviour with both executors, for three viewers one after the other
 * and then at the same time, and compares all that comes of it.
 */
export async function expectSameOutcomes({ numRuns, seed }: { numRuns: number; seed: number }) {
  const counts: Counts = { executions: 0, 'with errors': 0, 'with several errors': 0, 'without data': 0, promises: 0 };
  const property = fc.asyncProperty(fc.gen(), async (generate) => {
    const choices = new Choices(generate);
    const schema = schemaFor(choices);
    const kind = choices.isBelow(0.3) ? choices.pick(['subscription', 'mutation', 'mutation'] as const) : 'query';
    const { query, variables } = randomOperation(choices, { schema, kind, roots: () => true, leaves });
    const document = parse(query);
    if (!isValid(schema, document) && !choices.isBelow(0.2)) {
      return;
    }
    const args = { schema, document, variableValues: variables };
    const trouble = choices.pick([0, 0.3, 0.3, 1, 2]);
    const runs = Array.from({ length: 3 }, () => ({
      seed: choices.upTo(2 ** 31 - 1),
      trouble,
      ...choices.pick(VIEWERS),
    }));
    const expectedOutcomes: Outcome[] = [];
    for (const run of runs) {
      const expected = await outcomeOf(executeByGraphQL, args, run);
      deepStrictEqual(await outcomeOf(execute, args, run), expected, query);
      expectedOutcomes.push(expected);
    }
    const together = await Promise.all(runs.map((run) => outcomeOf(execute, args, run)));
    deepStrictEqual(together, expectedOutcomes, query);
    expectedOutcomes.forEach((expected) => count(counts, expected));
  });
  await withUnhandled(() => fc.assert(property, { numRuns, seed, endOnFailure: true }));
  return counts;
}

/** graphql-js leaves promises of earlier items unhandled where a later item of a list fails that must not be null. */
async function withUnhandled(work: () => Promise<void>): Promise<void> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => undefined);
  try {
    await work();
  } finally {
    process.removeAllListeners('unhandledRejection');
    listeners.forEach((listener) => process.on('unhandledRejection', listener));
  }
}

function schemaFor(choices: Choices): GraphQLSchema {
  const kind = choices.pick(['guarded', 'plain', 'random'] as const);
  return kind === 'random' ? oddSchema(randomTypeDefs(choices)) : schemas[kind];
}

/** The rule for a subscription's only field throws where a condition is a variable (graphql-js 16.15). */
function isValid(schema: GraphQLSchema, document: DocumentNode): boolean {
  try {
    return validate(schema, document).length === 0;
  } catch {
    return false;
  }
}

async function outcomeOf(
  execute: Execute,
  args: Pick<ExecutionArgs, 'schema' | 'document' | 'variableValues'>,
  { seed, trouble, id, roles }: { seed: number; trouble: number } & Pick<OddContext, 'id' | 'roles'>,
): Promise<Outcome> {
  const log: string[] = [];
  const contextValue: OddContext = { behaviour: new Behaviour(seed, trouble), log, id, roles };
  const rootValue = rootOf(args.schema, contextValue);
  const returned = execute({ ...args, rootValue, contextValue });
  const isPromise = 'then' in returned;
  const result = await returned;
  const response = JSON.stringify(result);
  for (let turn = 0; turn < 6; turn++) {
    await new Promise((resolve) => setImmediate(resolve)); // what is below a null may still run
  }
  const errors = (result.errors ?? []).map((error) => [
    error.message,
    error.path,
    error.locations,
    error.extensions,
    error.nodes?.map(({ loc }) => loc?.start),
    String(error.originalError?.name),
    error.constructor.name,
  ]);
  return { isPromise, response, errors, log: byRootField(withoutRepeatedReads(log)) };
}

/**
 * Sorts the calls of a mutation by its root fields: resolvers that still run below a null run beside those of the next root
 * field, in an order that no executor promises.
 */
function byRootField(log: readonly string[]): string[] {
  return log.some((line) => rootFieldOf(line) !== '')
    ? log.toSorted((one, other) => rootFieldOf(one).localeCompare(rootFieldOf(other)))
    : [...log];
}

/** Returns the root field of a mutation below which a call was; '' for other operations. */
function rootFieldOf(line: string): string {
  return /\bMutation:(\w+)/.exec(line)?.[1] ?? '';
}

/** The root of an event: a subscription's fields are properties. */
function rootOf(schema: GraphQLSchema, context: OddContext): unknown {
  const type = schema.getSubscriptionType();
  return type ? valueOf(schema, type, context, 'root') : undefined;
}

/** A guard reads a method once where graphql-js reads it twice. */
function withoutRepeatedReads(log: readonly string[]): string[] {
  return log.filter((line, index) => !(line.startsWith('read ') && line === log[index - 1]));
}
