import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
} from 'graphql';
import { ownTypes } from '../read/elements.ts';
import { type FieldsType, hasFields } from './connections.ts';
import { type Requirement, requirementKey, judgedAt } from './requirements.ts';
import {
  argumentRequirements,
  fieldRequirements,
  type PolicyBuild,
  inputRequirements,
  sortRequirements,
  typeRequirements,
} from './build.ts';
import { sortedBy } from './policy-error.ts';

/** The rule of one coordinate. */
export interface Rule {
  /** `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly kind: 'field' | 'argument' | 'inputField' | 'enumValue';
  /** The requirements, all of which must be satisfied. */
  readonly requirements: readonly Requirement[];
  /** Those requirements that the holder does not have: the parent type of a field, the field of an argument. */
  readonly adds: readonly Requirement[];
  /**
   * The types that a field of an abstract type may return: the requirements of at least one of them must be satisfied
   * as well.
   */
  readonly members: readonly Member[];
}

/** A type that an abstract one stands for. */
export interface Member {
  readonly type: string;
  readonly requirements: readonly Requirement[];
}

/** The rules of a schema. */
export interface Table {
  /** Every field, argument, input field and enum value, sorted by coordinate. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** The requirements of every object and interface type, judged on the object returned; sorted by name. */
  readonly types: ReadonlyMap<string, readonly Requirement[]>;
}

/** Builds the table of a schema from its directives. Equal lists of requirements are one and the same array. */
export function buildTable(build: PolicyBuild): Table {
  const share = sharing();
  const composites = sortedBy(ownTypes(build.schema).filter(hasFields), ({ name }) => name);
  const types = new Map(composites.map((type) => [type.name, share(typeRequirements(build, type))] as const));
  const rules = ownTypes(build.schema).flatMap((type) => rulesOf(build, type, types));
  const shared = rules.map(({ coordinate, kind, requirements, adds, members }) => {
    return { coordinate, kind, requirements: share(requirements), adds: share(adds), members };
  });
  return {
    types,
    rules: new Map(sortedBy(shared, ({ coordinate }) => coordinate).map((rule) => [rule.coordinate, rule])),
  };
}

function rulesOf(build: PolicyBuild, type: GraphQLNamedType, types: Table['types']): Rule[] {
  if (hasFields(type)) {
    return Object.values(type.getFields()).flatMap((field) => fieldRules(build, type, field, types));
  }
  if (isInputObjectType(type)) {
    return Object.keys(type.getFields()).map((field) => inputRule(build, `${type.name}.${field}`, 'inputField'));
  }
  const values = isEnumType(type) ? type.getValues() : [];
  return values.map(({ name }) => inputRule(build, `${type.name}.${name}`, 'enumValue'));
}

function inputRule(build: PolicyBuild, coordinate: string, kind: Rule['kind']): Rule {
  const requirements = inputRequirements(build, coordinate);
  return { coordinate, kind, requirements, adds: requirements, members: NO_MEMBERS };
}

function fieldRules(
  build: PolicyBuild,
  type: FieldsType,
  field: GraphQLField<unknown, unknown>,
  types: Table['types'],
): Rule[] {
  const coordinate = `${type.name}.${field.name}`;
  const requirements = fieldRequirements(build, type, field.name);
  const parent = new Set(types.get(type.name)?.map((requirement) => requirementKey(judgedAt(requirement, 'parent'))));
  const adds =
    parent.size === 0 ? requirements : requirements.filter((requirement) => !parent.has(requirementKey(requirement)));
  const members = membersOf(build, getNamedType(field.type), types);
  const rules: Rule[] = [{ coordinate, kind: 'field', requirements, adds, members }];
  for (const { name } of field.args) {
    const added = argumentRequirements(build, type, field.name, name);
    const all = sortRequirements([...requirements, ...added]);
    rules.push({ coordinate: `${coordinate}(${name}:)`, kind: 'argument', requirements: all, adds: added, members });
  }
  return rules;
}

/** The members of most fields; one list for all of them. */
const NO_MEMBERS: readonly Member[] = [];

/** Returns the types that an abstract type, or the node of a connection of it, may turn out to be. */
function membersOf(build: PolicyBuild, type: GraphQLNamedType, types: Table['types']): readonly Member[] {
  const role = build.connections.get(type.name);
  const target = role?.kind === 'connection' ? role.node : type;
  const members = isAbstractType(target) ? build.schema.getPossibleTypes(target) : [];
  return members.length === 0
    ? NO_MEMBERS
    : sortedBy(members, ({ name }) => name).map(({ name }) => ({ type: name, requirements: types.get(name) ?? [] }));
}

/**
 * Returns a function that replaces equal arrays by the first of them: thousands of coordinates have few different lists
 * of requirements.
 */
function sharing(): (requirements: readonly Requirement[]) => readonly Requirement[] {
  const arrays = new Map<string, readonly Requirement[]>();
  return (requirements) => {
    const key = requirements.map(requirementKey).join('\n');
    const known = arrays.get(key) ?? requirements;
    arrays.set(key, known);
    return known;
  };
}
