import { getNamedType, isAbstractType, isObjectType } from 'graphql';
import type { Door, Policy } from '../access/index.ts';
import { isOpenTo, type Keys } from './cast.ts';
import type { Step } from './routes.ts';

/** Who asks, and whether whatever has an owner is theirs. */
export interface Asking {
  readonly keys: Keys;
  readonly owns: boolean;
}

/** What the policy says about one step. */
export interface Ruling {
  /** `open`: it is reached. `before`: refused without calling the resolver. `after`: refused for what it returned. */
  readonly outcome: 'open' | 'before' | 'after';
  /** The coordinates that a refusal may name. */
  readonly named: readonly string[];
}

type When = Ruling['outcome'];

/** Reads from the table alone what must happen at a step. */
export function ruleOn(policy: Policy, { type, field, returns, given }: Step, asking: Asking): Ruling {
  const coordinate = `${type}.${field}`;
  const rule = policy.rules.get(coordinate);
  const own = new Set(rule?.doors.map((door) => whenRefused(door, asking)));
  const closedInputs = given
    .flatMap(({ supplies }) => supplies)
    .filter((input) => policy.rules.get(input)?.adds.some((door) => !isOpenTo(asking.keys, door)) === true);
  const members = rule?.members.map(({ doors }) => doors.map((door) => whenReturned(door, asking))) ?? [];
  const isChoiceless = members.length > 0 && members.every((whens) => whens.includes('before'));
  const isFieldClosed = own.has('before') || isChoiceless;
  if (isFieldClosed || closedInputs.length > 0) {
    return { outcome: 'before', named: [...(isFieldClosed ? [coordinate] : []), ...closedInputs] };
  }
  const returned = isAbstractField(policy, type, field) ? (policy.types.get(returns ?? '') ?? []) : [];
  const later = returned.map((door) => whenReturned(door, asking));
  const isRefused = own.has('after') || later.some((when) => when !== 'open');
  return isRefused ? { outcome: 'after', named: [coordinate] } : { outcome: 'open', named: [] };
}

/** When a door of a field refuses. */
function whenRefused(door: Door, { keys, owns }: Asking): When {
  const { owner } = door;
  if (isOpenTo(keys, door) || (owner?.site === 'rows' && keys.signedIn)) {
    return 'open';
  }
  if (owner === null || !keys.signedIn) {
    return 'before';
  }
  if (owns) {
    return 'open';
  }
  return owner.site === 'parent' ? 'before' : 'after';
}

/** When the door of a type refuses, whose object a field has returned. */
function whenReturned(door: Door, { keys, owns }: Asking): When {
  if (isOpenTo(keys, door)) {
    return 'open';
  }
  if (door.owner === null || !keys.signedIn) {
    return 'before';
  }
  return owns || door.owner.site === 'rows' ? 'open' : 'after';
}

function isAbstractField({ schema }: Policy, typeName: string, field: string): boolean {
  const type = schema.getType(typeName);
  const returned = isObjectType(type) ? type.getFields()[field]?.type : undefined;
  return returned !== undefined && isAbstractType(getNamedType(returned));
}

/** Whether ownership makes a difference at any of these steps. */
export function dependsOnOwner(policy: Policy, steps: readonly Step[]): boolean {
  return steps.some(({ type, field, returns }) => {
    const doors = [...(policy.rules.get(`${type}.${field}`)?.doors ?? []), ...(policy.types.get(returns ?? '') ?? [])];
    return doors.some(({ owner }) => owner !== null && owner.site !== 'rows');
  });
}
