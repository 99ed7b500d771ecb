import { type FormattedExecutionResult, OperationTypeNode } from 'graphql';
import { aFunction, checkOptions, describeNames, isListOfStrings, type OptionKinds } from '../access/options.ts';
import { ATTACK_OPTIONS, type Attacker, type AttackOptions, type Suite, prepareSuite } from './suite.ts';
import { isAbstractField, isCertainlyDenied, isRejected, ruleOn } from './judge.ts';
import type { AttackReport } from './report.ts';
import type { FieldPath, Step } from './path-finder.ts';
import { depthOfPath, differenceOfRejection, expectFrom, observe } from './run.ts';
import { injectionsInto } from './input-injection.ts';
import { variantsFor, write, type Written } from './query-variants.ts';

/** An operation in the form of a GraphQL over HTTP request. */
export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** The server to attack, and the extent of the attack. */
export interface ServerAttackOptions<Role extends string = string, Permission extends string = string> extends Pick<
  AttackOptions<Role, Permission>,
  'schema' | 'policy' | 'roleEnum' | 'rolePermissions' | 'values'
> {
  /**
   * Sends an operation as a viewer: `anonymous`, or the holder of one role. The operation reaches real resolvers:
   * everything that must be denied is sent, mutations too; of what is allowed only queries.
   */
  readonly send: (viewer: NoInfer<Role> | 'anonymous', operation: Operation) => Promise<FormattedExecutionResult>;
  /** The viewers to send as; anonymous and the holder of each role if not set. */
  readonly viewers?: readonly (NoInfer<Role> | 'anonymous')[] | undefined;
}

/** Returns what `send` has returned. @throws TypeError if it is not the parsed body of a response */
function requireAnswer(response: FormattedExecutionResult | null): FormattedExecutionResult {
  if (typeof response !== 'object' || response === null) {
    const what = response === null ? 'null' : typeof response;
    throw new TypeError(
      `The option send of attackServer returned ${what}; return the parsed body of the response: { data, errors }`,
    );
  }
  return response;
}

/** The outcome of the attacks on a server. */
export interface ServerAttackReport extends AttackReport {
  /**
   * The number of operations that were denied before they reached their target: an object did not exist, another
   * requirement was not satisfied, or the operation was refused as a whole, as by a schema that is visible to the viewer.
   */
  readonly cutOff: number;
}

/**
 * Attacks a server: for every viewer each coordinate that must be denied, in changing query variants, and one variant
 * of each query that is allowed. Failures are returned, not thrown. A server that answers no allowed query with data has
 * failed.
 *
 * @throws TypeError if the option `viewers` names an unknown viewer, or none, or an option is not valid
 */
export async function attackServer<Role extends string = string, Permission extends string = string>(
  given: ServerAttackOptions<Role, Permission>,
): Promise<ServerAttackReport> {
  checkOptions('attackServer', given, SERVER_OPTIONS);
  const options = given as ServerAttackOptions;
  const suite = prepareSuite(options);
  let [cutOff, turn, answered] = [0, 0, false];
  const send: ServerAttackOptions['send'] = async (viewer, operation) => {
    const response = requireAnswer(await options.send(viewer, operation));
    answered ||= typeof response.data === 'object' && response.data !== null;
    return response;
  };
  for (const attacker of attackersNamed(suite, options.viewers)) {
    for (const step of suite.finder.steps) {
      for (const attack of attacksOn(suite, attacker, step, () => turn++)) {
        cutOff += Number(await sendAttack(suite, attacker, attack, send));
      }
    }
  }
  const { tried, allowed } = suite.log.report();
  if (allowed > 0 && !answered) {
    suite.log.fail({
      coordinate: 'schema',
      viewer: '',
      way: 'every operation',
      operation: '',
      variables: {},
      expected: `data in an answer, since ${allowed} of ${tried} operations are allowed`,
      actual: 'no answer has data: what is sent does not reach the resolvers',
    });
  }
  return { ...suite.log.report(), cutOff };
}

const SERVER_OPTIONS = {
  ...ATTACK_OPTIONS,
  send: { ...aFunction('a function that sends an operation as a viewer, and returns the answer'), isRequired: true },
  viewers: { words: 'a list of roles, and "anonymous"', accepts: isListOfStrings },
} as const satisfies OptionKinds;

function attackersNamed(
  { attackers, policy }: Suite,
  viewers: readonly string[] = ['anonymous', ...policy.roles.keys()],
): readonly Attacker[] {
  const unknown = viewers.filter((viewer) => !attackers.some(({ name }) => name === viewer));
  if (unknown.length > 0 || viewers.length === 0) {
    const known = describeNames(
      unknown[0] ?? '',
      attackers.map(({ name }) => name),
      'there are',
    );
    throw new TypeError(`The option viewers of attackServer names ${unknown.join(', ') || 'no viewer'}; ${known}`);
  }
  return attackers.filter(({ name }) => viewers.includes(name));
}

/** An operation to send, and its path. */
interface ServerAttack {
  readonly coordinate: string;
  readonly way: string;
  readonly path: FieldPath;
  readonly written: Written;
}

/**
 * Returns one operation for a field that is denied to the attacker and one for each denied input of it, or the plain
 * query.
 */
function attacksOn({ policy, finder, sampling }: Suite, attacker: Attacker, step: Step, next: () => number) {
  const [path] = finder.pathsTo(step, attacker.open);
  if (path === undefined) {
    return [];
  }
  const situation = { held: attacker.held, owns: true };
  const isClosed = ruleOn(policy, step, situation).outcome === 'before';
  const variants = variantsFor(policy.schema, path);
  const variant = isClosed ? variants[next() % variants.length] : variants[0];
  const coordinate = `${step.type}.${step.field}`;
  const isQuery = path.operation === OperationTypeNode.QUERY && path.steps.length === 1;
  const attacks: ServerAttack[] = [];
  if (variant !== undefined && (isClosed || isQuery)) {
    attacks.push({ coordinate, way: variant.name, path, written: write(policy.schema, path, variant) });
  }
  const injections = Map.groupBy(injectionsInto(policy.schema, step, sampling), ({ coordinate }) => coordinate);
  for (const [guarded, ways] of injections) {
    const chosen = ways[next() % ways.length];
    if (chosen !== undefined && ruleOn(policy, chosen.step, situation).named.includes(guarded)) {
      const injection = { ...path, steps: [...path.steps.slice(0, -1), chosen.step] };
      const written = write(policy.schema, injection, { name: chosen.way });
      attacks.push({ coordinate: guarded, way: chosen.way, path: injection, written });
    }
  }
  return attacks;
}

/**
 * Tells whether an operation was not executed at all: a server may validate with the schema that is visible to the viewer, or
 * refuse requests without a credential.
 */
function isRequestError({ data, errors = [] }: FormattedExecutionResult): boolean {
  return (data ?? null) === null && errors.length > 0 && errors.every(({ path }) => path === undefined);
}

/** @returns whether it was cut off on its way */
async function sendAttack(
  { policy, answers, log }: Suite,
  attacker: Attacker,
  { coordinate, way, path, written }: ServerAttack,
  send: ServerAttackOptions['send'],
): Promise<boolean> {
  const situation = { held: attacker.held, owns: true };
  const { refusal, end } = expectFrom(path.steps.map((step) => ruleOn(policy, step, situation)));
  const { source: query, variables, operationName } = written;
  const operation = { query, variables, ...(operationName === undefined ? {} : { operationName }) };
  const response = await send(attacker.name, operation);
  const answer = observe(response, [], written.keys);
  const depth = depthOfPath(response.data, written.keys, path.steps, policy);
  const varying = path.steps.filter(({ type, field }) => isAbstractField(policy, type, field));
  const others = varying.map(({ type, field }) => `${type}.${field}`);
  const code = attacker.viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  const responsePath = written.keys.slice(0, end + 1).join('.');
  const expected = refusal?.named.map((named) => `${code} ${named} at ${responsePath}`) ?? [];
  log.count(refusal !== null);
  const isReported = answers.errorLimit === 0 || answer.errors.some((error) => expected.includes(error));
  const isOther = (error: string): boolean => others.some((coordinate) => error.includes(` ${coordinate} at `));
  // A list may hold no object of the denied type, and a node may be of another one: then there is nothing to deny.
  const last = path.steps[end];
  const isVarying = refusal?.outcome === 'after' && last !== undefined && varying.includes(last);
  const reachable = end + Number(isVarying || answer.errors.some(isOther));
  const isCutOff = refusal !== null && !isReported && (depth < reachable || isRequestError(response));
  const isDenied = answer.errors.some((error) => /^(UNAUTHENTICATED|FORBIDDEN) /.test(error) && !isOther(error));
  const isUsual = refusal === null ? !isDenied : depth <= end && (isReported || isCutOff);
  const isCertain = (denied: string): boolean => isCertainlyDenied(policy, denied, situation);
  const isWhole = answers.denial === 'reject' && differenceOfRejection(answer, written.keys, code, isCertain) === null;
  const isRight = isWhole || (isUsual && !(answers.denial === 'reject' && isRejected(policy, path.steps, situation)));
  if (!isRight) {
    const actual = `${answer.errors.join(' and ') || 'no error'}; data down to level ${depth}`;
    const wanted = expected.join(' or ') || 'no denial';
    log.fail({ coordinate, viewer: attacker.name, way, operation: query, variables, expected: wanted, actual });
  }
  return isCutOff || (refusal !== null && end < path.steps.length - 1);
}
