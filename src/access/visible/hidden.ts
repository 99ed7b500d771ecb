import {
  getNamedType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { hasFields } from '../policy/connections.ts';
import { isRoot } from '../policy/field-checks.ts';
import { judge } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Grants } from '../policy/viewer.ts';
import { ownTypes } from '../read/elements.ts';

/** The coordinates, also of types, that are hidden from a viewer. */
export type Hidden = ReadonlySet<string>;

/**
 * Returns what is hidden from a viewer with these grants, assuming that they own every object and satisfy every policy: whatever is denied, and
 * whatever makes no sense without it. Root types stay, empty if need be.
 */
export function hiddenCoordinates(policy: Policy, grants: Grants): Hidden {
  const hidden = new Set<string>();
  for (const rule of policy.rules.values()) {
    if (judge(rule, grants) === 'denied') {
      hidden.add(rule.coordinate);
    }
  }
  const { schema } = policy;
  const types = ownTypes(schema);
  let before: number;
  do {
    before = hidden.size;
    types.forEach((type) => spread(schema, type, hidden));
    const lacking = types.filter(isInterfaceType).flatMap((type) => lackingFields(schema, type, hidden));
    lacking.forEach((coordinate) => hidden.add(coordinate));
  } while (hidden.size > before);
  return hidden;
}

/** Hides what follows from what is hidden already, as far as one type is concerned. */
function spread(schema: GraphQLSchema, type: GraphQLNamedType, hidden: Set<string>): void {
  if (hasFields(type)) {
    for (const field of Object.values(type.getFields())) {
      spreadField(`${type.name}.${field.name}`, field, hidden);
    }
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      hideWithType(`${type.name}.${field.name}`, field.type, hidden);
    }
  }
  if (isEmptied(schema, type, hidden)) {
    hidden.add(type.name);
  }
}

function spreadField(coordinate: string, { type, args }: GraphQLField<unknown, unknown>, hidden: Set<string>): void {
  hideWithType(coordinate, type, hidden);
  for (const argument of args) {
    const own = `${coordinate}(${argument.name}:)`;
    hideWithType(own, argument.type, hidden);
    if (hidden.has(own) && isRequiredArgument(argument)) {
      hidden.add(coordinate);
    }
  }
}

function hideWithType(coordinate: string, type: GraphQLType, hidden: Set<string>): void {
  if (hidden.has(getNamedType(type).name)) {
    hidden.add(coordinate);
  }
}

/** Tells whether nothing is left of a type, or whether a value of it can no longer be supplied. */
function isEmptied(schema: GraphQLSchema, type: GraphQLNamedType, hidden: Hidden): boolean {
  const isHidden = (name: string): boolean => hidden.has(`${type.name}.${name}`);
  if (isAbstractType(type)) {
    const members = schema.getPossibleTypes(type);
    if (members.length > 0 && members.every(({ name }) => hidden.has(name))) {
      return true;
    }
  }
  if (hasFields(type)) {
    return !isRoot(schema, type.name) && Object.keys(type.getFields()).every(isHidden);
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    return (
      fields.every(({ name }) => isHidden(name)) ||
      fields.filter(isRequiredInputField).some(({ name }) => isHidden(name))
    );
  }
  return isEnumType(type) && type.getValues().every(({ name }) => isHidden(name));
}

/**
 * Returns the fields and arguments of an interface that a visible implementer lacks: the interface cannot promise them
 * any more.
 */
function lackingFields(schema: GraphQLSchema, type: GraphQLInterfaceType, hidden: Hidden): string[] {
  const { objects, interfaces } = schema.getImplementations(type);
  const implementers = [...objects, ...interfaces].map(({ name }) => name).filter((name) => !hidden.has(name));
  const members = Object.values(type.getFields()).flatMap(({ name, args }) =>
    [name].concat(args.map((argument) => `${name}(${argument.name}:)`)),
  );
  return members
    .filter((member) => implementers.some((implementer) => hidden.has(`${implementer}.${member}`)))
    .map((member) => `${type.name}.${member}`);
}
