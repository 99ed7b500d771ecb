import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isScalarType,
} from 'graphql';
import { hasFields } from '../policy/connections.ts';
import type { Problem } from '../policy/policy-error.ts';

/** The parts of a schema that a guard relies on. A copy may lack some of them, as a pruned schema does. */
export interface Shape {
  /** The lines `coordinate: type` of each type, joined: there are many. */
  readonly types: ReadonlyMap<string, string>;
  /** The internal values of enums by coordinate. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Describes the parts of a schema that a guard relies on. */
export function shapeOf(schema: GraphQLSchema): Shape {
  const types = new Map<string, string>();
  const values = new Map<string, unknown>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isEnumType(type)) {
      type.getValues().forEach(({ name, value }) => values.set(`${type.name}.${name}`, value));
    } else if (!isIntrospectionType(type)) {
      const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
      const lines = members.map(({ name }) => `${type.name}: ${name}`);
      for (const field of isInputObjectType(type) || hasFields(type) ? Object.values(type.getFields()) : []) {
        const coordinate = `${type.name}.${field.name}`;
        lines.push(`${coordinate}: ${String(field.type)}`, ...linesOf(coordinate, 'args' in field ? field.args : []));
      }
      types.set(type.name, lines.join('\n'));
    }
  }
  for (const { name, args } of schema.getDirectives()) {
    types.set(`@${name}`, linesOf(`@${name}`, args.filter(mayHoldGuarded)).join('\n'));
  }
  return { types, values };
}

function linesOf(coordinate: string, args: readonly GraphQLArgument[]): string[] {
  return args.map(({ name, type }) => `${coordinate}(${name}:): ${String(type)}`);
}

/** Tells whether what is supplied to an argument or input field may be guarded for the type that it has. */
function mayHoldGuarded({ type }: Pick<GraphQLArgument, 'type'>): boolean {
  return !isScalarType(getNamedType(type));
}

type NameCoordinate = (name: string) => string;

/**
 * Returns a problem for each place that refers to a type object which is not the one of that name in the schema: an
 * executor goes on with the type that is referred to, whose guards, or internal values, are not checked.
 */
export function foreignTypes(schema: GraphQLSchema): Problem[] {
  const problems: Problem[] = [];
  const check = (coordinate: string, type: GraphQLNamedType): void => {
    if (schema.getType(type.name) !== type) {
      const message = `refers to another type named ${type.name} than the one that guardSchema saw; guard the schema last`;
      problems.push({ coordinate, message });
    }
  };
  const checkInputs = (
    inputs: Iterable<Pick<GraphQLArgument, 'name' | 'type'>>,
    coordinateOf: NameCoordinate,
  ): void => {
    for (const input of inputs) {
      if (mayHoldGuarded(input)) {
        check(coordinateOf(input.name), getNamedType(input.type));
      }
    }
  };
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (root) {
      check('schema', root);
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    for (const field of hasFields(type) && !isIntrospectionType(type) ? Object.values(type.getFields()) : []) {
      const coordinate = `${type.name}.${field.name}`;
      check(coordinate, getNamedType(field.type));
      checkInputs(field.args, (name) => `${coordinate}(${name}:)`);
    }
    if (isInputObjectType(type)) {
      checkInputs(Object.values(type.getFields()), (name) => `${type.name}.${name}`);
    }
    for (const member of isAbstractType(type) ? schema.getPossibleTypes(type) : []) {
      check(type.name, member);
    }
  }
  for (const { name, args } of schema.getDirectives()) {
    checkInputs(args, (argument) => `@${name}(${argument}:)`);
  }
  return problems;
}

/** Returns a problem for each part that was added or changed since a schema was guarded. */
export function changedParts(guarded: Shape, now: Shape): Problem[] {
  const problems: Problem[] = [];
  const report = (coordinate: string, isKnown: boolean): void => {
    const what = isKnown ? 'is not what guardSchema saw' : 'was added after guardSchema, so nothing guards it';
    problems.push({ coordinate, message: `${what}; guard the schema last` });
  };
  for (const [name, lines] of now.types) {
    const before = new Set((guarded.types.get(name) ?? '').split('\n'));
    const known = new Set(Array.from(before, coordinateOf));
    const changed =
      lines === guarded.types.get(name) ? [] : lines.split('\n').filter((line) => line !== '' && !before.has(line));
    changed.map(coordinateOf).forEach((coordinate) => report(coordinate, known.has(coordinate)));
  }
  for (const [coordinate, value] of now.values) {
    if (!guarded.values.has(coordinate) || !Object.is(guarded.values.get(coordinate), value)) {
      report(coordinate, guarded.values.has(coordinate));
    }
  }
  return problems;
}

function coordinateOf(line: string): string {
  return line.slice(0, line.lastIndexOf(': '));
}
