import {
  getNullableType,
  GraphQLID,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { hasFields } from '../policy/connections.ts';
import { isRoot } from '../policy/field-checks.ts';
import type { Fold } from '../policy/fold.ts';
import type { Report } from '../policy/policy-error.ts';

/** Reports owners and `@reads` that name what does not exist, or what cannot serve. */
export function checkReferences(fold: Fold, report: Report): void {
  for (const [coordinate, { demands, reads }] of fold.marks) {
    for (const { owner } of demands) {
      const mistake = owner === null ? null : ownerMistake(fold, coordinate, owner);
      if (mistake !== null) {
        report(coordinate, `@auth(owner: "${owner}") ${mistake}`);
      }
    }
    for (const read of reads.filter((name) => !isField(fold, name))) {
      report(coordinate, `@reads names ${read}, which is no field of a type; write "Type.field"`);
    }
  }
}

function ownerMistake(fold: Fold, coordinate: string, owner: string): string | null {
  const [typeName = '', member] = coordinate.split('.');
  const type = fold.schema.getType(typeName);
  if (!isObjectType(type) || member?.includes('(') === true) {
    return 'can be judged on object types and their fields only; remove it';
  }
  if (isRoot(fold.schema, typeName)) {
    return `means nothing on ${typeName}, which nobody owns; put it on the type that is returned`;
  }
  return ownerFieldMistake(type, owner);
}

function ownerFieldMistake(type: GraphQLObjectType, owner: string): string | null {
  const fields = type.getFields();
  const field = Object.hasOwn(fields, owner) ? fields[owner] : undefined;
  if (field === undefined) {
    return `names no field of ${type.name}`;
  }
  if (field.args.some(isRequiredArgument)) {
    return `names a field that cannot be read without arguments`;
  }
  return identifies(field.type) ? null : `names a ${String(field.type)}; it must be an ID or an object with an id`;
}

/** Whether the type is `ID`, or an object with an `id` of that type. */
function identifies(output: GraphQLOutputType): boolean {
  const type = getNullableType(output);
  const id = isObjectType(type) ? type.getFields()['id'] : undefined;
  return type === GraphQLID || (id !== undefined && getNullableType(id.type) === GraphQLID);
}

function isField(fold: Fold, coordinate: string): boolean {
  const [typeName = '', field = '', ...rest] = coordinate.split('.');
  const type = fold.schema.getType(typeName);
  return rest.length === 0 && hasFields(type) && Object.hasOwn(type.getFields(), field);
}
