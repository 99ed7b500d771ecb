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
import type { Actor } from './cast.ts';
import type { Ruling } from './judge.ts';
import type { Route } from './routes.ts';
import type { Call, Scene, Stage } from './stage.ts';
import type { Written } from './styles.ts';

/** A stage whose schema is guarded. */
export interface GuardedStage extends Stage {
  readonly guarded: GraphQLSchema;
}

/** What must become of an operation: each step of its route in turn, until one of them is refused. */
export interface Expectation {
  readonly rulings: readonly Ruling[];
  /** Where it ends: the step that is refused, or the target. */
  readonly end: number;
  readonly refusal: Ruling | null;
}

/** What an executor answered, for one route. */
export interface Observed {
  readonly calls: readonly string[];
  /** `code coordinate at keys` of the errors on the route. */
  readonly errors: readonly string[];
  /** The response keys down to which there is data. */
  readonly depth: number;
}

/** What the rulings on the steps of a route amount to. */
export function expectFrom(rulings: readonly Ruling[]): Expectation {
  const refused = rulings.findIndex(({ outcome }) => outcome !== 'open');
  return refused === -1
    ? { rulings, end: rulings.length - 1, refusal: null }
    : { rulings, end: refused, refusal: rulings[refused] ?? null };
}

/** Parses and validates. @throws TypeError if the operation is not valid, which the suite must never write */
export function readOperation(schema: GraphQLSchema, source: string): DocumentNode {
  const document = parse(source);
  const errors = validate(schema, document);
  if (errors.length > 0) {
    throw new TypeError(`${errors.map(({ message }) => message).join('\n')}\n${source}`);
  }
  return document;
}

/** Runs an operation on a stage. */
export async function play(
  stage: GuardedStage,
  document: DocumentNode,
  written: Written,
  route: Route,
  actor: Actor,
  ownerId: string,
): Promise<Observed> {
  const calls: Call[] = [];
  const keys = written.keys;
  const returns = route.steps.map(({ returns }, index) => [keys.slice(0, index + 1).join('.'), returns ?? ''] as const);
  const contextValue: Scene = { viewer: actor.viewer, ownerId, returns: new Map(returns), calls };
  const args = {
    schema: stage.guarded,
    document,
    rootValue: stage.rootValue(route.steps[0]?.type ?? ''),
    contextValue,
    variableValues: written.variables,
    operationName: written.operationName,
  };
  const result = route.operation === OperationTypeNode.SUBSCRIPTION ? await firstEvent(args) : await execute(args);
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

/** What an answer says about a route: other parts of it do not count. */
export function observe({ data, errors = [] }: Answer, calls: readonly Call[], keys: readonly string[]): Observed {
  const isOnRoute = (path: string): boolean => `${keys.join('.')}.`.startsWith(`${path}.`);
  return {
    calls: calls.filter((call) => isOnRoute(call.keys)).map(({ what }) => what),
    errors: errors
      .map(describeError)
      .filter(({ path }) => isOnRoute(path) || path === '')
      .map(({ text }) => text),
    depth: depthOf(data, keys),
  };
}

function describeError({ path = [], extensions, message }: TellingError) {
  const keys = path.filter((key) => typeof key === 'string').join('.');
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

/** Null, or a list of nothing but that. */
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.every(isEmpty));
}

/** How an answer differs from what was expected; null if it does not. */
export function differenceOf(
  { end, refusal }: Expectation,
  observed: Observed,
  { operation, steps }: Route,
  keys: readonly string[],
  code: string,
): { readonly expected: string; readonly actual: string } | null {
  const called = steps
    .slice(0, refusal?.outcome === 'before' ? end : end + 1)
    .map(({ type, field }) => `${type}.${field}`);
  const opened = operation === OperationTypeNode.SUBSCRIPTION && called.length > 0 ? [`subscribe ${called[0]}`] : [];
  const path = keys.slice(0, end + 1).join('.');
  const errors = refusal === null ? [] : refusal.named.map((coordinate) => `${code} ${coordinate} at ${path}`);
  const depth = refusal === null ? end + 1 : end;
  const areErrorsRight =
    refusal === null
      ? observed.errors.length === 0
      : observed.errors.length === 1 && errors.includes(observed.errors[0] ?? '');
  const expectedCalls = [...opened, ...called].join(', ');
  if (areErrorsRight && observed.calls.join(', ') === expectedCalls && observed.depth === depth) {
    return null;
  }
  return {
    expected: describe(expectedCalls, errors.join(' or '), depth),
    actual: describe(observed.calls.join(', '), observed.errors.join(' and '), observed.depth),
  };
}

function describe(calls: string, errors: string, depth: number): string {
  return `calls ${calls || 'nothing'}; ${errors || 'no error'}; data down to level ${depth}`;
}
