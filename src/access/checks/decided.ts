import type { GraphQLSchema } from 'graphql';
import { type FieldsType, hasFields, isDecidedByShape } from '../policy/connections.ts';
import { type Fold, typeDoors } from '../policy/fold.ts';
import type { Report } from '../policy/policy-error.ts';
import { ownTypes } from '../read/elements.ts';

/** Reports fields that nobody has decided about, and those that are declared public behind a closed door. */
export function checkDecided(fold: Fold, report: Report): void {
  for (const type of fieldTypes(fold.schema)) {
    const typeIsClosed = typeDoors(fold, type).length > 0;
    const closing = type.getInterfaces().find(({ name }) => isGuarded(fold, name));
    if (isPublic(fold, type.name) && closing !== undefined) {
      report(type.name, `is @public, but ${closing.name}, which it implements, has an @auth; remove one of them`);
    }
    for (const field of Object.keys(type.getFields())) {
      checkField(fold, type, field, typeIsClosed, report);
    }
  }
}

/** The object and interface types that the schema's author defined. */
export function fieldTypes(schema: GraphQLSchema): FieldsType[] {
  return ownTypes(schema).filter(hasFields);
}

function checkField(fold: Fold, type: FieldsType, field: string, typeIsClosed: boolean, report: Report): void {
  const coordinate = `${type.name}.${field}`;
  const interfaces = type.getInterfaces().filter((parent) => Object.hasOwn(parent.getFields(), field));
  const closing = interfaces.find(({ name }) => isGuarded(fold, `${name}.${field}`));
  if (isPublic(fold, coordinate) && typeIsClosed) {
    report(coordinate, `is @public in a type that is closed; remove @public, or open ${type.name}`);
  }
  if (isPublic(fold, coordinate) && closing !== undefined) {
    report(coordinate, `is @public, but ${closing.name}.${field} has an @auth; remove one of them`);
  }
  const sources = [type, ...interfaces].flatMap(({ name }) => [name, `${name}.${field}`]);
  const isDecided =
    [type, ...type.getInterfaces()].some(({ name }) => isGuarded(fold, name)) ||
    sources.some((source) => isPublic(fold, source) || isGuarded(fold, source)) ||
    isDecidedByShape(type, field, fold.connections.get(type.name));
  if (!isDecided) {
    report(coordinate, `is undecided; mark it, or ${type.name}, with @auth or @public`);
  }
}

function isPublic(fold: Fold, coordinate: string): boolean {
  return fold.marks.get(coordinate)?.isPublic === true;
}

function isGuarded(fold: Fold, coordinate: string): boolean {
  return (fold.marks.get(coordinate)?.demands.length ?? 0) > 0;
}
