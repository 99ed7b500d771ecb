import { type DocumentNode, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { PolicyError } from '../access/index.ts';
import { type Attacker, type AttackOptions, type Campaign, prepare } from './campaign.ts';
import { VIEWER_ID } from './cast.ts';
import { dependsOnOwner, ruleOn } from './judge.ts';
import { type AttackReport, refusedReport } from './report.ts';
import type { Route, Step } from './routes.ts';
import { differenceOf, expectFrom, type GuardedStage, play, readOperation } from './run.ts';
import { type Smuggling, smugglingsInto } from './smuggle.ts';
import { type Style, stylesFor, write, type Written } from './styles.ts';

/** The operations that have been written already, and their documents. */
type Documents = Map<string, DocumentNode>;

const SOMEBODY_ELSE = 'somebody else';

/**
 * Attacks a schema's guard: everybody tries every field, argument, input field and enum value in every way there is to
 * write an operation, and what happens is compared with the policy: which resolvers are called, which errors are told,
 * which data arrives. Failures are told, not thrown.
 *
 * ```ts
 * const { failures } = await attackSchema({ schema });
 * expect(failures).toEqual([]);
 * ```
 */
export async function attackSchema(options: AttackOptions): Promise<AttackReport> {
  try {
    const campaign = prepare(options);
    for (const step of campaign.atlas.steps) {
      await attackField(campaign, step);
      if (campaign.isOver()) {
        break;
      }
    }
    return campaign.log.report();
  } catch (error) {
    if (error instanceof PolicyError) {
      return refusedReport(error.problems);
    }
    throw error;
  }
}

/** Everybody tries to reach a field, and to supply it with what is guarded. */
async function attackField(campaign: Campaign, step: Step): Promise<void> {
  const { policy, atlas, cast, sampling, log } = campaign;
  const coordinate = `${step.type}.${step.field}`;
  const documents: Documents = new Map();
  const smugglings = smugglingsInto(policy.schema, step, sampling);
  for (const attacker of cast) {
    const routes = atlas.routesTo(step, attacker.open);
    if (routes.length === 0) {
      log.miss(coordinate);
    }
    for (const route of routes) {
      for (const style of stylesFor(policy.schema, route)) {
        await attack(campaign, attacker, { coordinate, route, style, documents });
      }
    }
    const [route] = preferOpen(routes, attacker);
    if (route !== undefined) {
      await smuggle(campaign, attacker, route, smugglings, documents);
    }
  }
}

/** Tries to supply the last field of a route with what is guarded. */
async function smuggle(
  campaign: Campaign,
  attacker: Attacker,
  route: Route,
  smugglings: readonly Smuggling[],
  documents: Documents,
): Promise<void> {
  for (const { coordinate, way, step } of smugglings) {
    const last = { ...route, steps: [...route.steps.slice(0, -1), step] };
    await attack(campaign, attacker, { coordinate, route: last, style: { name: way }, documents });
    if (way === 'literal' && canStandBesideItself(route)) {
      const beside = { ...last, beside: route.steps.at(-1)?.given ?? [] };
      const style = { name: 'beside itself without it' };
      await attack(campaign, attacker, { coordinate, route: beside, style, documents });
    }
  }
}

/** Subscriptions have one field at the root. */
function canStandBesideItself({ operation, steps }: Route): boolean {
  return operation !== OperationTypeNode.SUBSCRIPTION || steps.length > 1;
}

/** Those first that are the attacker's open way to the parent. */
function preferOpen(routes: readonly Route[], { open }: Attacker): readonly Route[] {
  const isOpen = ({ steps }: Route): boolean => {
    const [target, ...before] = steps.toReversed();
    return target !== undefined && open.get(target.type)?.steps.every((step) => before.includes(step)) === true;
  };
  return [...routes.filter(isOpen), ...routes.filter((route) => !isOpen(route))];
}

/** One operation, on every stage and, where it matters, for an owner and for somebody else. */
interface Attack {
  readonly coordinate: string;
  readonly route: Route;
  readonly style: Style;
  readonly documents: Documents;
}

async function attack(campaign: Campaign, attacker: Attacker, attacking: Attack): Promise<void> {
  const { policy, stages, isTurn } = campaign;
  const { route, style } = attacking;
  const { id } = attacker.viewer;
  const owners = id !== null && dependsOnOwner(policy, route.steps) ? [id, SOMEBODY_ELSE] : [SOMEBODY_ELSE];
  const turns = owners.flatMap((ownerId) => stages.map((stage) => ({ stage, ownerId }))).filter(isTurn);
  if (turns.length === 0) {
    return;
  }
  const written = write(policy.schema, route, style);
  for (const { stage, ownerId } of turns) {
    await attackOnce(campaign, attacker, attacking, { stage, ownerId, written });
  }
}

/** One operation on one stage. */
interface Turn {
  readonly stage: GuardedStage;
  readonly ownerId: string;
  readonly written: Written;
}

async function attackOnce(
  { policy, log }: Campaign,
  attacker: Attacker,
  { coordinate, route, style, documents }: Attack,
  { stage, ownerId, written }: Turn,
): Promise<void> {
  const asking = { keys: attacker.keys, owns: ownerId === VIEWER_ID };
  const expectation = expectFrom(route.steps.map((step) => ruleOn(policy, step, asking)));
  const document = documentOf(documents, stage.schema, written);
  const observed = await play(stage, document, written, route, attacker, ownerId);
  log.count(expectation.refusal !== null);
  const code = attacker.viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  const difference = differenceOf(expectation, observed, route, written.keys, code);
  if (difference !== null) {
    const way = `${style.name}, by ${stage.staging}${asking.owns ? ', as the owner' : ''}`;
    const { source: operation, variables } = written;
    log.fail({ coordinate, viewer: attacker.name, way, operation, variables, ...difference });
  }
}

function documentOf(documents: Documents, schema: GraphQLSchema, { source }: Written): DocumentNode {
  const document = documents.get(source) ?? readOperation(schema, source);
  documents.set(source, document);
  return document;
}
