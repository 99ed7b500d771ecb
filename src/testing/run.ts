import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  subscribe,
  validate,
} from 'graphql';
import type { Policy } from '../access/index.ts';
import type { Actor } from './actors.ts';
import { isAbstractField, type Ruling } from './judge.ts';
import type { FieldPath, Step } from './path-finder.ts';
import type { Call, MockContext, MockSchema } from './mock-schema.ts';
import type { Written } from './query-variants.ts';

/** A mock schema with its guarded copy. */
export interface GuardedMock extends MockSchema {
  readonly guarded: GraphQLSchema;
}

/** The expected outcome of an operation: each step of its path in turn, until one of them is denied. */
export interface Expectation {
  readonly rulings: readonly Ruling[];
  /** The index of the last step: the one that is denied, or the target. */
  readonly end: number;
  readonly refusal: Ruling | null;
}

/** The outcome of an operation along one path. */
export interface Observed {
  readonly calls: readonly string[];
  /** `code coordinate at keys` of each error on the path. */
  readonly errors: readonly string[];
  /** The number of response keys on the path that have data. */
  readonly depth: number;
}

/** Combines the rulings on the steps of a path. */
export function expectFrom(rulings: readonly Ruling[]): Expectation {
  const refused = rulings.findIndex(({ outcome }) => outcome !== 'allowed');
  return refused === -1
    ? { rulings, end: rulings.length - 1, refusal: null }
    : { rulings, end: refused, refusal: rulings[refused] ?? null };
}

/**
 * Parses and validates an operation.
 *
 * @throws TypeError if the operation is not valid: the suite must never write such
 */
export function readOperation(schema: GraphQLSchema, source: string): DocumentNode {
  const document = parse(source);
  const errors = validate(schema, document);
  if (errors.length > 0) {
    throw new TypeError(`${errors.map(({ message }) => message).join('\n')}\n${source}`);
  }
  return document;
}

/** Runs an operation on a mock schema. */
export async function runAttack(
  mock: GuardedMock,
  document: DocumentNode,
  written: Written,
  path: FieldPath,
  actor: Actor,
  ownerId: string,
): Promise<Observed> {
  const calls: Call[] = [];
  const keys = written.keys;
  const returns = path.steps.map(({ returns }, index) => [keys.slice(0, index + 1).join('.'), returns ?? ''] as const);
  const contextValue: MockContext = { viewer: actor.viewer, ownerId, returns: new Map(returns), calls };
  const args = {
    schema: mock.guarded,
    document,
    rootValue: mock.rootValue(path.steps[0]?.type ?? ''),
    contextValue,
    variableValues: written.variables,
    operationName: written.operationName,
  };
  const result = path.operation === OperationTypeNode.SUBSCRIPTION ? await firstEvent(args) : await execute(args);
  return observe(result, calls, keys);
}

async function firstEvent(args: Parameters<typeof subscribe>[0]): Promise<ExecutionResult> {
  const events = await subscribe(args);
  if (!(Symbol.asyncIterator in events)) {
    return events;
  }
  const { value } = await events.next();
  await events.return?.(undefined);
  return value as ExecutionResult;
}

/** An execution result, formatted or not. */
interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly TellingError[] | undefined;
}

interface TellingError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Extracts the outcome along a path from a response; other parts of the response do not count, unless one of them has made
 * the whole answer null.
 */
export function observe({ data, errors = [] }: Answer, calls: readonly Call[], keys: readonly string[]): Observed {
  const isOnRoute = (path: string): boolean => `${keys.join('.')}.`.startsWith(`${path}.`);
  return {
    calls: calls.filter((call) => isOnRoute(call.keys)).map(({ what }) => what),
    errors: errors
      .map(describeError)
      .filter(({ path }) => data === null || isOnRoute(path) || path === '')
      .map(({ text }) => text),
    depth: depthOf(data, keys),
  };
}

function describeError({ path = [], extensions, message }: TellingError) {
  const keys = path.filter((key) => typeof key === 'string' && !/^\d+$/.test(key)).join('.');
  const { code, coordinate } = extensions ?? {};
  const known = typeof code === 'string' && typeof coordinate === 'string';
  return { path: keys, text: `${known ? `${code} ${coordinate}` : message} at ${keys}` };
}

function depthOf(data: unknown, keys: readonly string[]): number {
  const [key, ...rest] = keys;
  if (Array.isArray(data)) {
    return Math.max(0, ...data.map((item: unknown) => depthOf(item, keys)));
  }
  if (key === undefined || typeof data !== 'object' || data === null) {
    return 0;
  }
  const inner: unknown = new Map(Object.entries(data)).get(key);
  return isEmpty(inner) ? 0 : 1 + depthOf(inner, rest);
}

/**
 * Counts the response keys of a path that have data of the types on the path. An abstract field of a real server may
 * return other types than the one that the path goes through.
 */
export function depthOfPath(data: unknown, keys: readonly string[], steps: readonly Step[], policy: Policy): number {
  const [key, next] = keys;
  const [step] = steps;
  if (Array.isArray(data)) {
    return Math.max(0, ...data.map((item: unknown) => depthOfPath(item, keys, steps, policy)));
  }
  if (key === undefined || step === undefined || typeof data !== 'object' || data === null) {
    return 0;
  }
  const inner: unknown = new Map<string, unknown>(Object.entries(data)).get(key);
  const items: unknown[] = [inner].flat(Infinity);
  const meant = isAbstractField(policy, step.type, step.field)
    ? items.filter((item) => isOfType(item, step.returns, next))
    : items;
  return meant.every(isEmpty) ? 0 : 1 + depthOfPath(meant, keys.slice(1), steps.slice(1), policy);
}

/** Tells whether an object in a response may have the type, by its `__typename` or by a field that was asked of it. */
function isOfType(item: unknown, type: string | null, field: string | undefined): boolean {
  if (typeof item !== 'object' || item === null) {
    return true;
  }
  const typename: unknown = Reflect.get(item, '__typename');
  return (typeof typename !== 'string' || typename === type) && (field === undefined || Object.hasOwn(item, field));
}

/** Tells whether a value is null, or a list of nothing but null. */
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.every(isEmpty));
}

/** The difference between an outcome and the expected one, in words. */
export interface Difference {
  readonly expected: string;
  readonly actual: string;
}

/**
 * Describes how an outcome differs from that of an operation which a guard rejects as a whole; null if it does not.
 *
 * @param isDenied tells whether a coordinate is denied whatever the objects are
 */
export function differenceOfRejection(
  observed: Observed,
  [root = '']: readonly string[],
  code: string,
  isDenied: (coordinate: string) => boolean,
): Difference | null {
  const coordinate = observed.errors[0]?.split(' ')[1] ?? '';
  // Each root field has the error; where one that is not null has taken the answer, some have been left out.
  const isRejection = (error: string): boolean => /^\w+$/.test(withoutPrefix(error, `${code} ${coordinate} at `));
  const isReported = observed.errors.length > 0 && observed.errors.every(isRejection) && isDenied(coordinate);
  return isReported && observed.calls.length === 0 && observed.depth === 0
    ? null
    : {
        expected: describe('', `${code} at ${root}`, 0),
        actual: describe(observed.calls.join(', '), observed.errors.join(' and '), observed.depth),
      };
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : '';
}

/** Describes how an outcome differs from the expected one; null if it does not. */
export function differenceOf(
  { end, refusal }: Expectation,
  observed: Observed,
  { operation, steps }: FieldPath,
  { keys, code, errorLimit }: { readonly keys: readonly string[]; readonly code: string; readonly errorLimit: number },
): Difference | null {
  const called = steps
    .slice(0, refusal?.outcome === 'before' ? end : end + 1)
    .map(({ type, field }) => `${type}.${field}`);
  const opened = operation === OperationTypeNode.SUBSCRIPTION && called.length > 0 ? [`subscribe ${called[0]}`] : [];
  const path = keys.slice(0, end + 1).join('.');
  const errors = refusal === null ? [] : refusal.named.map((coordinate) => `${code} ${coordinate} at ${path}`);
  const depth = refusal === null ? end + 1 : end;
  const areErrorsRight =
    refusal === null ? observed.errors.length === 0 : isListed(observed.errors, errors, errorLimit);
  const expectedCalls = [...opened, ...called].join(', ');
  if (areErrorsRight && observed.calls.join(', ') === expectedCalls && observed.depth === depth) {
    return null;
  }
  return {
    expected: describe(expectedCalls, errors.join(' or '), depth),
    actual: describe(observed.calls.join(', '), observed.errors.join(' and '), observed.depth),
  };
}

/** Tells whether one of the expected errors is listed, and no other; beyond a limit none may be. */
function isListed(listed: readonly string[], expected: readonly string[], errorLimit: number): boolean {
  const [error] = listed;
  return error === undefined ? errorLimit < Infinity : listed.length === 1 && expected.includes(error);
}

function describe(calls: string, errors: string, depth: number): string {
  return `calls ${calls || 'nothing'}; ${errors || 'no error'}; data down to level ${depth}`;
}
