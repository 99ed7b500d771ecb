import { type DocumentNode, getNamedType, type GraphQLSchema, isAbstractType } from 'graphql';
import { policyOf } from '../guard/attached.ts';
import type { RolePermissions } from '../matrix/matrix.ts';
import { hasFields } from '../policy/connections.ts';
import { describeDoor, type Door } from '../policy/doors.ts';
import { guardedInputs } from '../policy/inputs.ts';
import { type Gate, judge, judgeDoors, type Verdict } from '../policy/judge.ts';
import { type Policy, readPolicy } from '../policy/policy.ts';
import type { Member, Rule } from '../policy/table.ts';
import { type Keyring, keyringOf } from '../policy/viewer.ts';
import { readOperation } from './operation.ts';
import { type MissingKey, remediesFor, type RemedyContext } from './remedies.ts';
import { touchedCoordinates } from './touched.ts';

/** An operation, and somebody who might send it. */
export interface ExplainRequest {
  /** What to judge by; a schema, guarded or not, will do. */
  readonly policy: Policy | GraphQLSchema;
  readonly operation: string | DocumentNode;
  /** Which of several operations. */
  readonly operationName?: string | null | undefined;
  readonly roles: Iterable<string>;
  readonly permissions: Iterable<string> | 'all';
  /** Whether anybody is signed in; true without it. */
  readonly signedIn?: boolean | undefined;
  /** Known values of variables; a variable without one may hold anything. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** The permissions that come with roles, for telling which role would do. */
  readonly rolePermissions?: RolePermissions | undefined;
}

/** Whether an operation is allowed, coordinate by coordinate. */
export interface Explanation {
  /** Whether nothing in it would be denied, whatever the objects. */
  readonly allowed: boolean;
  readonly coordinates: readonly ExplainedCoordinate[];
}

export interface ExplainedCoordinate {
  readonly coordinate: string;
  /** What a field of an abstract type returns here; null if this is about the coordinate itself. */
  readonly returning: string | null;
  /** `own`: for objects that the viewer owns. */
  readonly verdict: Verdict;
  readonly doors: readonly ExplainedDoor[];
  /** The least that would open it: alternatives, each a list of keys all of which are needed. */
  readonly remedies: readonly (readonly MissingKey[])[];
}

export interface ExplainedDoor {
  /** The coordinate at which the door is written. */
  readonly from: string;
  /** Its keys, in words. */
  readonly keys: string;
  readonly verdict: Verdict;
}

/**
 * Tells of every coordinate that an operation may touch whether it is open to such a viewer, and which door decides.
 *
 * @throws OperationError if the operation is not valid for the schema
 * @throws PolicyError if a schema is given whose policy cannot be read
 */
export function explainAccess(request: ExplainRequest): Explanation {
  const policy = toPolicy(request.policy);
  const { roles, permissions, signedIn = true, variables = {}, rolePermissions = {} } = request;
  const operation = readOperation(policy.schema, request.operation, request.operationName);
  const keyring = keyringOf({ id: signedIn ? 'somebody' : null, roles, permissions }, policy.roles);
  const context: RemedyContext = { policy, keyring, rolePermissions };
  const guarded = guardedInputs(policy.schema, policy);
  const coordinates = touchedCoordinates(operation, { schema: policy.schema, guarded, variables }).flatMap(
    (coordinate) => explainCoordinate(coordinate, context),
  );
  return { allowed: coordinates.every(({ verdict }) => verdict === 'yes'), coordinates };
}

function toPolicy(source: Policy | GraphQLSchema): Policy {
  return 'rules' in source ? source : (policyOf(source) ?? readPolicy(source));
}

/** The coordinate, and the types among those it may return which demand more than it does. */
function explainCoordinate(coordinate: string, context: RemedyContext): ExplainedCoordinate[] {
  const rule = context.policy.rules.get(coordinate);
  if (rule === undefined) {
    return [];
  }
  return [
    explainGate(coordinate, null, rule, context),
    ...strongerMembers(rule, context.policy).map(({ type, doors }) =>
      explainGate(coordinate, type, { doors, members: [] }, context),
    ),
  ];
}

/** The types that a field may return and that demand anything; those of a connection are told where its nodes are. */
function strongerMembers({ coordinate, members }: Rule, { schema }: Policy): readonly Member[] {
  const [typeName = '', name = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  const field = hasFields(type) ? type.getFields()[name] : undefined;
  const isAbstract = field !== undefined && isAbstractType(getNamedType(field.type));
  return isAbstract ? members.filter(({ doors }) => doors.length > 0) : [];
}

function explainGate(
  coordinate: string,
  returning: string | null,
  gate: Gate,
  context: RemedyContext,
): ExplainedCoordinate {
  return {
    coordinate,
    returning,
    verdict: judge(gate, context.keyring),
    doors: gate.doors.map((door) => explainDoor(door, context.keyring)),
    remedies: remediesFor(gate, context),
  };
}

function explainDoor(door: Door, keyring: Keyring): ExplainedDoor {
  return { from: door.from, keys: describeDoor(door), verdict: judgeDoors([door], keyring) };
}
