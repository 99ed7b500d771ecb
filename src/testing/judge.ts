import { getNamedType, isAbstractType, isObjectType } from 'graphql';
import type { Requirement, Policy } from '../access/index.ts';
import { isSatisfiedBy, type ActorGrants } from './actors.ts';
import type { Step } from './path-finder.ts';

/** The grants of the viewer, and whether they own the objects. */
export interface Situation {
  readonly held: ActorGrants;
  readonly owns: boolean;
}

/** The decision of the policy about one step. */
export interface Ruling {
  /**
   * `allowed`: it is reached. `before`: denied without calling the resolver. `after`: denied because of the returned
   * object.
   */
  readonly outcome: 'allowed' | 'before' | 'after';
  /** The coordinates that the denial may name. */
  readonly named: readonly string[];
}

type When = Ruling['outcome'];

/** Derives from the table alone what must happen at a step. */
export function ruleOn(policy: Policy, { type, field, returns, supplied }: Step, situation: Situation): Ruling {
  const coordinate = `${type}.${field}`;
  const rule = policy.rules.get(coordinate);
  const own = new Set(rule?.requirements.map((requirement) => whenDenied(requirement, situation)));
  const deniedInputs = supplied
    .flatMap(({ supplies }) => supplies)
    .filter(
      (input) =>
        policy.rules.get(input)?.adds.some((requirement) => whenDenied(requirement, situation) !== 'allowed') === true,
    );
  const members =
    rule?.members.map(({ requirements }) => requirements.map((requirement) => whenReturned(requirement, situation))) ??
    [];
  const isChoiceless = members.length > 0 && members.every((whens) => whens.includes('before'));
  const isFieldDenied = own.has('before') || isChoiceless;
  if (isFieldDenied || deniedInputs.length > 0) {
    return { outcome: 'before', named: [...(isFieldDenied ? [coordinate] : []), ...deniedInputs] };
  }
  const returned = isAbstractField(policy, type, field) ? (policy.types.get(returns ?? '') ?? []) : [];
  const later = returned.map((requirement) => whenReturned(requirement, situation));
  const isDenied = own.has('after') || later.some((when) => when !== 'allowed');
  return isDenied ? { outcome: 'after', named: [coordinate] } : { outcome: 'allowed', named: [] };
}

/** Tells whether a requirement of a field, or of what it returns, denies whatever the objects are. */
function isDeniedAnyhow(requirements: readonly Requirement[], { held }: Situation): boolean {
  return requirements.some((one) => !isSatisfiedBy(held, one) && (one.site === null || !mayOwn(one, held)));
}

/** Tells whether an input is denied whatever the objects are: only a policy may allow what roles and permissions do not. */
function isInputDenied(requirements: readonly Requirement[], situation: Situation): boolean {
  const unsatisfied = requirements.filter((requirement) => !isSatisfiedBy(situation.held, requirement));
  const areOwned = unsatisfied.length > 0 && unsatisfied.every(({ policies }) => policies.length === 0);
  return areOwned || isDeniedAnyhow(unsatisfied, situation);
}

/** Tells whether a field, argument, input field or enum value is denied to a viewer whatever the objects are. */
export function isCertainlyDenied({ rules }: Policy, coordinate: string, situation: Situation): boolean {
  const rule = rules.get(coordinate);
  if (rule === undefined) {
    return false;
  }
  const isChoiceless =
    rule.members.length > 0 &&
    rule.members.every(({ requirements }) => requirements.some((one) => whenReturned(one, situation) === 'before'));
  return rule.kind === 'field'
    ? isChoiceless || isDeniedAnyhow(rule.requirements, situation)
    : isInputDenied(rule.adds, situation);
}

/** Tells whether a guard that rejects whole operations rejects one that follows these steps. */
export function isRejected(policy: Policy, steps: readonly Step[], situation: Situation): boolean {
  for (const { type, field, returns, supplied } of steps) {
    const touched = [`${type}.${field}`, ...supplied.flatMap(({ supplies }) => supplies)];
    if (touched.some((coordinate) => isCertainlyDenied(policy, coordinate, situation))) {
      return true;
    }
    // Objects of denied members are denied one by one, and nothing is asked of them.
    if (isAbstractField(policy, type, field) && isDeniedAnyhow(policy.types.get(returns ?? '') ?? [], situation)) {
      return false;
    }
  }
  return false;
}

/** Tells when a requirement of a field denies. */
function whenDenied(requirement: Requirement, { held, owns }: Situation): When {
  const { site } = requirement;
  if (isSatisfiedBy(held, requirement) || (site === 'rows' && mayOwn(requirement, held))) {
    return 'allowed';
  }
  if (site === null || !mayOwn(requirement, held)) {
    return 'before';
  }
  if (owns) {
    return 'allowed';
  }
  return site === 'parent' ? 'before' : 'after';
}

/** Tells when the requirement of a type denies, whose object a field has returned. */
function whenReturned(requirement: Requirement, { held, owns }: Situation): When {
  if (isSatisfiedBy(held, requirement)) {
    return 'allowed';
  }
  if (!mayOwn(requirement, held)) {
    return 'before';
  }
  return owns || requirement.site === 'rows' ? 'allowed' : 'after';
}

/** Tells whether an owner, who is signed in, or a policy may satisfy the requirement. */
function mayOwn({ owners, policies }: Requirement, { signedIn }: ActorGrants): boolean {
  return policies.length > 0 || (owners.length > 0 && signedIn);
}

/** Tells whether a field returns an abstract type. */
export function isAbstractField({ schema }: Policy, typeName: string, field: string): boolean {
  const type = schema.getType(typeName);
  const returned = isObjectType(type) ? type.getFields()[field]?.type : undefined;
  return returned !== undefined && isAbstractType(getNamedType(returned));
}

/** Tells whether it makes a difference at any of these steps that objects belong to the viewer, or satisfy a policy. */
export function dependsOnObject(policy: Policy, steps: readonly Step[], signedIn: boolean): boolean {
  return steps.some(({ type, field, returns, supplied }) => {
    const coordinates = [`${type}.${field}`, ...supplied.flatMap(({ supplies }) => supplies)];
    const rules = coordinates.flatMap((coordinate) => policy.rules.get(coordinate)?.requirements ?? []);
    const requirements = [...rules, ...(policy.types.get(returns ?? '') ?? [])];
    return requirements.some(
      ({ site, policies }) => site !== null && site !== 'rows' && (signedIn || policies.length > 0),
    );
  });
}
