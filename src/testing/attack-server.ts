import { type FormattedExecutionResult, OperationTypeNode } from 'graphql';
import { type Attacker, type AttackOptions, type Campaign, prepare } from './campaign.ts';
import { ruleOn } from './judge.ts';
import type { AttackReport } from './report.ts';
import type { Route, Step } from './routes.ts';
import { expectFrom, observe } from './run.ts';
import { smugglingsInto } from './smuggle.ts';
import { stylesFor, write, type Written } from './styles.ts';

/** An operation as GraphQL over HTTP sends it. */
export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Which server to attack, and how. */
export interface ServerAttackOptions extends Pick<
  AttackOptions,
  'schema' | 'policy' | 'roleEnum' | 'rolePermissions' | 'values'
> {
  /**
   * Sends an operation as somebody: `anonymous`, or who holds just that role. It reaches real resolvers: everything that
   * must be denied is sent, mutations too, and of what is allowed the queries.
   */
  readonly send: (viewer: string, operation: Operation) => Promise<FormattedExecutionResult>;
  /** Whose operations are sent; anonymous, and the holders of each role, without it. */
  readonly viewers?: readonly string[] | undefined;
}

/** What became of the attacks on a server. */
export interface ServerAttackReport extends AttackReport {
  /** How many were refused before they came to the door that was meant: nothing was there, or another door was shut. */
  readonly cutOff: number;
}

/**
 * Attacks a server: for every viewer each coordinate that must be denied, in one way after the other, and one way of
 * each query that is allowed. Failures are told, not thrown.
 */
export async function attackServer(options: ServerAttackOptions): Promise<ServerAttackReport> {
  const campaign = prepare(options);
  const viewers = options.viewers ?? ['anonymous', ...campaign.policy.roles.keys()];
  const attackers = campaign.cast.filter(({ name }) => viewers.includes(name));
  let [cutOff, turn] = [0, 0];
  for (const attacker of attackers) {
    for (const step of campaign.atlas.steps) {
      for (const attack of attacksOn(campaign, attacker, step, () => turn++)) {
        cutOff += Number(await sendAttack(campaign, attacker, attack, options.send));
      }
    }
  }
  return { ...campaign.log.report(), cutOff };
}

/** An operation to send, and the way that it takes. */
interface ServerAttack {
  readonly coordinate: string;
  readonly way: string;
  readonly route: Route;
  readonly written: Written;
}

/** One way into a field that is closed to the attacker, and one into each closed input of it; or the plain query. */
function attacksOn({ policy, atlas, sampling }: Campaign, attacker: Attacker, step: Step, next: () => number) {
  const [route] = atlas.routesTo(step, attacker.open);
  if (route === undefined) {
    return [];
  }
  const asking = { keys: attacker.keys, owns: true };
  const isClosed = ruleOn(policy, step, asking).outcome === 'before';
  const styles = stylesFor(policy.schema, route);
  const style = isClosed ? styles[next() % styles.length] : styles[0];
  const coordinate = `${step.type}.${step.field}`;
  const isQuery = route.operation === OperationTypeNode.QUERY && route.steps.length === 1;
  const attacks: ServerAttack[] = [];
  if (style !== undefined && (isClosed || isQuery)) {
    attacks.push({ coordinate, way: style.name, route, written: write(policy.schema, route, style) });
  }
  const smugglings = Map.groupBy(smugglingsInto(policy.schema, step, sampling), ({ coordinate }) => coordinate);
  for (const [guarded, ways] of smugglings) {
    const chosen = ways[next() % ways.length];
    if (chosen !== undefined && ruleOn(policy, chosen.step, asking).named.includes(guarded)) {
      const smuggling = { ...route, steps: [...route.steps.slice(0, -1), chosen.step] };
      const written = write(policy.schema, smuggling, { name: chosen.way });
      attacks.push({ coordinate: guarded, way: chosen.way, route: smuggling, written });
    }
  }
  return attacks;
}

/** @returns whether it was cut off on its way */
async function sendAttack(
  { policy, log }: Campaign,
  attacker: Attacker,
  { coordinate, way, route, written }: ServerAttack,
  send: ServerAttackOptions['send'],
): Promise<boolean> {
  const asking = { keys: attacker.keys, owns: true };
  const { refusal, end } = expectFrom(route.steps.map((step) => ruleOn(policy, step, asking)));
  const { source: query, variables, operationName } = written;
  const operation = { query, variables, ...(operationName === undefined ? {} : { operationName }) };
  const answer = observe(await send(attacker.name, operation), [], written.keys);
  const code = attacker.viewer.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  const path = written.keys.slice(0, end + 1).join('.');
  const expected = refusal?.named.map((named) => `${code} ${named} at ${path}`) ?? [];
  log.count(refusal !== null);
  const isTold = answer.errors.some((error) => expected.includes(error));
  const isCutOff = refusal !== null && !isTold && answer.depth < end;
  const isDenied = answer.errors.some((error) => /^(UNAUTHENTICATED|FORBIDDEN) /.test(error));
  const isRight = refusal === null ? !isDenied : answer.depth <= end && (isTold || isCutOff);
  if (!isRight) {
    const actual = `${answer.errors.join(' and ') || 'no error'}; data down to level ${answer.depth}`;
    const wanted = expected.join(' or ') || 'no denial';
    log.fail({ coordinate, viewer: attacker.name, way, operation: query, variables, expected: wanted, actual });
  }
  return isCutOff || (refusal !== null && end < route.steps.length - 1);
}
