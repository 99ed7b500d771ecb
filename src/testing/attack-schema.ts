import { type DocumentNode, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { PolicyError } from '../access/index.ts';
import { aFunction, checkOptions } from '../access/options.ts';
import { A_COUNT, ATTACK_OPTIONS, type Attacker, type AttackOptions, type Suite, prepareSuite } from './suite.ts';
import { VIEWER_ID } from './actors.ts';
import { dependsOnObject, isCertainlyDenied, isRejected, ruleOn } from './judge.ts';
import { type AttackReport, refusedReport } from './report.ts';
import type { FieldPath, Step } from './path-finder.ts';
import { differenceOf, differenceOfRejection, expectFrom, type GuardedMock, runAttack, readOperation } from './run.ts';
import { type InputInjection, injectionsInto } from './input-injection.ts';
import { type QueryVariant, variantsFor, write, type Written } from './query-variants.ts';

/** The documents of operations that have been written already. */
type Documents = Map<string, DocumentNode>;

const ANOTHER_USER = 'another user';

/**
 * Attacks the guard of a schema. Every actor tries every field, argument, input field and enum value in every query
 * variant, and the outcome is compared with the policy: which resolvers are called, which errors are reported, which
 * data arrives. Failures are returned, not thrown.
 *
 * ```ts
 * const { failures } = await attackSchema({ schema });
 * expect(failures).toEqual([]);
 * ```
 *
 * @throws TypeError if an option is not valid
 */
export async function attackSchema<Role extends string = string, Permission extends string = string>(
  options: AttackOptions<Role, Permission>,
): Promise<AttackReport> {
  checkOptions('attackSchema', options, {
    ...ATTACK_OPTIONS,
    guard: aFunction(),
    oneIn: A_COUNT,
    mostFailures: A_COUNT,
  });
  try {
    const suite = prepareSuite(options as AttackOptions);
    for (const step of suite.finder.steps) {
      await attackField(suite, step);
      if (suite.isOver()) {
        break;
      }
    }
    return suite.log.report();
  } catch (error) {
    if (error instanceof PolicyError) {
      return refusedReport(error.problems);
    }
    throw error;
  }
}

/** Lets every actor try to reach a field, and to supply it with guarded input. */
async function attackField(suite: Suite, step: Step): Promise<void> {
  const { policy, finder, attackers, sampling, log } = suite;
  const coordinate = `${step.type}.${step.field}`;
  const documents: Documents = new Map();
  const injections = injectionsInto(policy.schema, step, sampling);
  for (const attacker of attackers) {
    const paths = finder.pathsTo(step, attacker.open);
    if (paths.length === 0) {
      log.miss(coordinate);
    }
    for (const path of paths) {
      for (const variant of variantsFor(policy.schema, path)) {
        await attack(suite, attacker, { coordinate, path, variant, documents });
      }
    }
    const [path] = preferOpen(paths, attacker);
    if (path !== undefined) {
      await inject(suite, attacker, path, injections, documents);
    }
  }
}

/** Tries to supply the last field of a path with guarded input. */
async function inject(
  suite: Suite,
  attacker: Attacker,
  path: FieldPath,
  injections: readonly InputInjection[],
  documents: Documents,
): Promise<void> {
  for (const { coordinate, way, step } of injections) {
    const last = { ...path, steps: [...path.steps.slice(0, -1), step] };
    await attack(suite, attacker, { coordinate, path: last, variant: { name: way }, documents });
    if (way === 'literal' && canStandBesideItself(path)) {
      const beside = { ...last, beside: path.steps.at(-1)?.supplied ?? [] };
      const variant = { name: 'beside itself without it' };
      await attack(suite, attacker, { coordinate, path: beside, variant, documents });
    }
  }
}

/** Subscriptions have one field at the root. */
function canStandBesideItself({ operation, steps }: FieldPath): boolean {
  return operation !== OperationTypeNode.SUBSCRIPTION || steps.length > 1;
}

/** Sorts the paths so that those come first on which nothing is denied to the attacker before the last field. */
function preferOpen(paths: readonly FieldPath[], { open }: Attacker): readonly FieldPath[] {
  const isOpen = ({ steps }: FieldPath): boolean => {
    const [target, ...before] = steps.toReversed();
    return target !== undefined && open.get(target.type)?.steps.every((step) => before.includes(step)) === true;
  };
  return [...paths.filter(isOpen), ...paths.filter((path) => !isOpen(path))];
}

/** One operation, on every mock schema and, where it matters, for the owner and for another user. */
interface Attack {
  readonly coordinate: string;
  readonly path: FieldPath;
  readonly variant: QueryVariant;
  readonly documents: Documents;
}

async function attack(suite: Suite, attacker: Attacker, attacking: Attack): Promise<void> {
  const { policy, mocks, isTurn } = suite;
  const { path, variant } = attacking;
  const { id } = attacker.viewer;
  const owners = dependsOnObject(policy, path.steps, id !== null) ? [VIEWER_ID, ANOTHER_USER] : [ANOTHER_USER];
  const turns = owners.flatMap((ownerId) => mocks.map((mock) => ({ mock, ownerId }))).filter(isTurn);
  if (turns.length === 0) {
    return;
  }
  const written = write(policy.schema, path, variant);
  for (const { mock, ownerId } of turns) {
    await attackOnce(suite, attacker, attacking, { mock, ownerId, written });
  }
}

/** One operation on one mock schema. */
interface Turn {
  readonly mock: GuardedMock;
  readonly ownerId: string;
  readonly written: Written;
}

async function attackOnce(
  { policy, answers, log }: Suite,
  attacker: Attacker,
  { coordinate, path, variant, documents }: Attack,
  { mock, ownerId, written }: Turn,
): Promise<void> {
  const situation = { held: attacker.held, owns: ownerId === VIEWER_ID };
  const expectation = expectFrom(path.steps.map((step) => ruleOn(policy, step, situation)));
  const document = documentOf(documents, mock.schema, written);
  const observed = await runAttack(mock, document, written, path, attacker, ownerId);
  log.count(expectation.refusal !== null);
  const code = attacker.viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  const { keys } = written;
  const usual = differenceOf(expectation, observed, path, { keys, code, errorLimit: answers.errorLimit });
  const isDenied = (denied: string): boolean => isCertainlyDenied(policy, denied, situation);
  const rejection = differenceOfRejection(observed, keys, code, isDenied);
  // The selections of other objects may be denied as well, so an operation whose path is allowed may be rejected.
  const expected = isRejected(policy, path.steps, situation) ? rejection : rejection && usual;
  const difference = answers.denial === 'reject' ? expected : usual;
  if (difference !== null) {
    const way = `${variant.name}, by ${mock.dataSource}${situation.owns ? ', as the owner' : ''}`;
    const { source: operation, variables } = written;
    log.fail({ coordinate, viewer: attacker.name, way, operation, variables, ...difference });
  }
}

function documentOf(documents: Documents, schema: GraphQLSchema, { source }: Written): DocumentNode {
  const document = documents.get(source) ?? readOperation(schema, source);
  documents.set(source, document);
  return document;
}
