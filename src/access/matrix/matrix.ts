import { describeDoor, remainingDoors } from '../policy/doors.ts';
import { judge, type Verdict } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Rule } from '../policy/table.ts';
import { keyringOf } from '../policy/viewer.ts';

/** Who may reach what: a row a coordinate, a column a role. */
export interface AccessMatrix {
  /** `anonymous`, then every role of the schema in the order of its enum, or what was asked for instead. */
  readonly columns: readonly string[];
  /** Sorted by coordinate. */
  readonly rows: readonly MatrixRow[];
}

/** What a person reviews of a coordinate. */
export interface ReviewedRow {
  readonly coordinate: string;
  /** One a column: what somebody reaches who holds that role and nothing else. */
  readonly cells: readonly Verdict[];
  /** What has to open, in words. */
  readonly doors: string;
}

export interface MatrixRow extends ReviewedRow {
  readonly kind: Rule['kind'];
  /** Whether the coordinate has doors of its own: other arguments and inputs go with what they are part of. */
  readonly isGuarded: boolean;
}

/** A matrix as it was reviewed, or is now. */
export interface ReviewedMatrix {
  readonly columns: readonly string[];
  readonly rows: readonly ReviewedRow[];
}

export interface MatrixOptions {
  /** The permissions that come with a role, those of roles which it inherits not repeated. */
  readonly rolePermissions?: RolePermissions | undefined;
  /** Others than the roles of the schema: roles that an application has added, or viewers. */
  readonly columns?: readonly MatrixColumn[] | undefined;
}

/** Somebody who is signed in, with what they hold. */
export interface MatrixColumn {
  readonly name: string;
  /** Closed over `@inherits` here. */
  readonly roles: Iterable<string>;
  readonly permissions: Iterable<string> | 'all';
}

export type RolePermissions = Readonly<Record<string, readonly string[] | 'all'>>;

/** The column of a viewer who is not signed in. */
export const ANONYMOUS = 'anonymous';

/** Tries the keys of every role, or of every column that is asked for, and of nobody, on every rule of a policy. */
export function accessMatrix(policy: Policy, { rolePermissions = {}, columns }: MatrixOptions = {}): AccessMatrix {
  const shown = columns ?? [...policy.roles.keys()].map((role) => columnOf(role, policy, rolePermissions));
  const anonymous = keyringOf({ id: null, roles: [], permissions: [] }, policy.roles);
  const keyrings = shown.map(({ roles, permissions }) =>
    keyringOf({ id: 'somebody', roles, permissions }, policy.roles),
  );
  const rows = [...policy.rules.values()].map((rule): MatrixRow => {
    const { coordinate, kind, adds } = rule;
    const cells = [anonymous, ...keyrings].map((keyring) => judge(rule, keyring));
    return {
      coordinate,
      kind,
      cells,
      doors: describeRule(rule, policy),
      isGuarded: kind === 'field' || adds.length > 0,
    };
  });
  return { columns: [ANONYMOUS, ...shown.map(({ name }) => name)], rows };
}

function columnOf(role: string, policy: Policy, granted: RolePermissions): MatrixColumn {
  return { name: role, roles: [role], permissions: permissionsOf(role, policy, granted) };
}

/** What a role permits by itself and by the roles that it inherits. */
export function permissionsOf(role: string, policy: Policy, granted: RolePermissions): readonly string[] | 'all' {
  const lists = [...(policy.roles.get(role) ?? [role])].map((held) =>
    Object.hasOwn(granted, held) ? granted[held] : [],
  );
  return lists.includes('all') ? 'all' : lists.flatMap((list) => (list === 'all' ? [] : (list ?? [])));
}

/** What has to open, in words: `(ADMIN or "a:b") and owner(id)`; without what the rest implies. */
export function describeRule({ doors, members }: Rule, policy: Policy): string {
  const some = members.map(
    (member) => `${member.type}: ${describeDoors(member.doors, policy).join(' and ') || 'anybody'}`,
  );
  const choice = members.every((member) => member.doors.length === 0) ? [] : [`one of {${some.join('; ')}}`];
  return [...describeDoors(doors, policy), ...choice].join(' and ') || 'anybody';
}

/** All of which have to open, each of them in words that can stand beside the others'. */
function describeDoors(doors: Rule['doors'], policy: Policy): string[] {
  const texts = remainingDoors(doors, [], policy.roles).map(describeDoor);
  return [...new Set(texts.map((text) => (texts.length > 1 && text.includes(' or ') ? `(${text})` : text)))];
}
