import {
  getNullableType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isObjectType,
  isRequiredArgument,
  isScalarType,
} from 'graphql';
import { type PolicyBuild, typeRequirements } from '../policy/build.ts';
import { type FieldsType, hasFields, isDecidedByShape } from '../policy/connections.ts';
import { isFederationField } from '../policy/federation.ts';
import { isRoot } from '../policy/field-checks.ts';
import type { Report } from '../policy/policy-error.ts';
import { ownTypes } from '../read/elements.ts';

/** Reports owners, policies and `@reads` that name what does not exist, or what cannot be used. */
export function checkReferences(build: PolicyBuild, policies: readonly string[] | null, report: Report): void {
  for (const [coordinate, { auth, reads }] of build.usages) {
    const named = auth.flatMap((usage) => usage.policies);
    for (const unknown of named.filter((name) => policies !== null && !policies.includes(name))) {
      const known = policies?.join(', ') || 'empty';
      report(coordinate, `@auth(policy: "${unknown}") names no function of the option policies, which is ${known}`);
    }
    for (const owner of auth.flatMap(({ owners }) => owners)) {
      const mistake = ownerMistake(build, coordinate, owner);
      if (mistake !== null) {
        report(coordinate, `@auth(owner: "${owner}") ${mistake}`);
      }
    }
    for (const read of reads.filter((name) => !isField(build, name))) {
      report(coordinate, `@reads names ${read}, which is not a field of a type; write "Type.field"`);
    }
  }
}

function ownerMistake(build: PolicyBuild, coordinate: string, owner: string): string | null {
  const [typeName = '', member] = coordinate.split('.');
  const type = build.schema.getType(typeName);
  if (!isObjectType(type) || member?.includes('(') === true) {
    return 'can be judged only on object types and their fields; remove it';
  }
  if (isRoot(build.schema, typeName)) {
    return `has no meaning on ${typeName}, which has no owner; put it on the type that is returned`;
  }
  return ownerPathMistake(type, owner.split('.'));
}

/** Follows a path of fields from one object to the owner. */
function ownerPathMistake(type: GraphQLObjectType, [name = '', ...rest]: readonly string[]): string | null {
  const fields = type.getFields();
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) {
    return `does not name a field of ${type.name}`;
  }
  if (field.args.some(isRequiredArgument)) {
    return `names a field that cannot be read without arguments`;
  }
  const next = getNullableType(field.type);
  if (rest.length > 0) {
    return isObjectType(next)
      ? ownerPathMistake(next, rest)
      : `passes through ${String(field.type)}; every field but the last must return an object of one type`;
  }
  return identifies(next)
    ? null
    : `has the type ${String(field.type)}; it must be an ID, another scalar but Boolean and Float, or an object with an id`;
}

/** Tells whether a value of the type names a user: a scalar that can hold an id, or an object with an `id` of such. */
function identifies(type: GraphQLOutputType): boolean {
  const id = isObjectType(type) ? type.getFields()['id'] : undefined;
  return holdsId(type) || (id !== undefined && holdsId(getNullableType(id.type)));
}

function holdsId(type: GraphQLOutputType): boolean {
  return isScalarType(type) && type.name !== 'Boolean' && type.name !== 'Float';
}

function isField(build: PolicyBuild, coordinate: string): boolean {
  const [typeName = '', field = '', ...rest] = coordinate.split('.');
  const type = build.schema.getType(typeName);
  return rest.length === 0 && hasFields(type) && Object.hasOwn(type.getFields(), field);
}

/** Reports fields without a decision, and those that are declared public inside a type with requirements. */
export function checkDecided(build: PolicyBuild, report: Report, reportUndecided: Report): void {
  for (const type of fieldTypes(build.schema)) {
    const typeIsGuarded = typeRequirements(build, type).length > 0;
    const guarding = type.getInterfaces().find(({ name }) => isGuarded(build, name));
    if (isPublic(build, type.name) && guarding !== undefined) {
      report(type.name, `is @public, but ${guarding.name}, which it implements, has an @auth; remove one of them`);
    }
    for (const field of Object.keys(type.getFields())) {
      checkField(build, type, field, typeIsGuarded, report, reportUndecided);
    }
  }
}

/** Returns the object and interface types that the author of the schema defined. */
export function fieldTypes(schema: GraphQLSchema): FieldsType[] {
  return ownTypes(schema).filter(hasFields);
}

function checkField(
  build: PolicyBuild,
  type: FieldsType,
  field: string,
  typeIsGuarded: boolean,
  report: Report,
  reportUndecided: Report,
): void {
  const coordinate = `${type.name}.${field}`;
  const interfaces = type.getInterfaces().filter((parent) => Object.hasOwn(parent.getFields(), field));
  const guarding = interfaces.find(({ name }) => isGuarded(build, `${name}.${field}`));
  if (isPublic(build, coordinate) && typeIsGuarded) {
    report(coordinate, `is @public in a type that has an @auth; remove @public here, or @auth from ${type.name}`);
  }
  if (isPublic(build, coordinate) && guarding !== undefined) {
    report(coordinate, `is @public, but ${guarding.name}.${field} has an @auth; remove one of them`);
  }
  const sources = [type, ...interfaces].flatMap(({ name }) => [name, `${name}.${field}`]);
  const isDecided =
    [type, ...type.getInterfaces()].some(({ name }) => isGuarded(build, name)) ||
    sources.some((source) => isPublic(build, source) || isGuarded(build, source)) ||
    isDecidedByShape(type, field, build.connections.get(type.name)) ||
    isFederationField(build.schema, type.name, field);
  if (!isDecided) {
    reportUndecided(coordinate, `is undecided; put @auth or @public on it, or on ${type.name}`);
  }
}

function isPublic(build: PolicyBuild, coordinate: string): boolean {
  return build.usages.get(coordinate)?.isPublic === true;
}

function isGuarded(build: PolicyBuild, coordinate: string): boolean {
  return (build.usages.get(coordinate)?.auth.length ?? 0) > 0;
}
