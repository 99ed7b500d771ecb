import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLOutputType,
  isAbstractType,
  isListType,
  isNonNullType,
} from 'graphql';
import { type Door, remainingDoors } from '../policy/doors.ts';
import { type FieldChecks, fieldChecks, passedDoors, type ReadTable } from '../policy/field-checks.ts';
import { type GuardedInputs, guardedInputs } from '../policy/inputs.ts';
import type { Report } from '../policy/policy-error.ts';
import type { Rule } from '../policy/table.ts';
import { fieldTypes } from './decided.ts';

type Field = GraphQLField<unknown, unknown>;

const REMEDY = '(@semanticNonNull tells clients that it is null only with an error)';

/** Reports every denial that would be more, or come later, than it should: non-null fields, and writing mutations. */
export function checkDenials(table: ReadTable, report: Report): void {
  const inputs = guardedInputs(table.schema, table);
  for (const type of fieldTypes(table.schema)) {
    for (const field of Object.values(type.getFields())) {
      const rule = table.rules.get(`${type.name}.${field.name}`);
      if (rule !== undefined) {
        checkNullability(table, inputs, type.name, field, rule, report);
        checkMutation(table, type.name, field, rule, report);
      }
    }
  }
}

function checkNullability(
  table: ReadTable,
  inputs: GuardedInputs,
  type: string,
  field: Field,
  rule: Rule,
  report: Report,
): void {
  const { doors, members } = fieldChecks(table, type, rule);
  const isList = isListType(getNullableType(field.type));
  const byObject =
    doors.some((door) => door.owner?.site === 'result') ||
    (isAbstractType(getNamedType(field.type)) && members.some((member) => member.doors.length > 0));
  const beforehand =
    isDeniedBeforehand(table, type, { doors, members }) || isInputDeniable(table, inputs, type, field, rule);
  if (isNonNullType(field.type) && (beforehand || (byObject && !isList))) {
    report(rule.coordinate, `may be denied, so it must be nullable: ${String(field.type.ofType)} ${REMEDY}`);
  }
  if (byObject && isList && isNonNullType(itemType(field.type))) {
    report(rule.coordinate, `returns items that may be denied one by one, so items must be nullable ${REMEDY}`);
  }
}

/**
 * Whether a field may be denied without looking at what it returns. Who has passed any door is signed in, and then a
 * door that an owner may open is left to the objects.
 */
function isDeniedBeforehand(table: ReadTable, type: string, { doors, members }: FieldChecks): boolean {
  const isSignedIn = passedDoors(table, type).length > 0;
  const isClosing = ({ owner }: Door): boolean => owner === null || owner.site === 'parent' || !isSignedIn;
  return doors.some(isClosing) || (members.length > 0 && members.every((member) => member.doors.some(isClosing)));
}

/** Whether an argument, or something within one, asks for more than the field does. */
function isInputDeniable(table: ReadTable, inputs: GuardedInputs, type: string, field: Field, rule: Rule): boolean {
  const passed = [...passedDoors(table, type), ...rule.doors];
  const asksMore = (adds: readonly Door[]): boolean => remainingDoors(adds, passed, table.roles).length > 0;
  return field.args.some((argument) => {
    const own = table.rules.get(`${rule.coordinate}(${argument.name}:)`)?.adds ?? [];
    const within = inputs.get(getNamedType(argument.type).name) ?? [];
    return asksMore(own) || within.some(({ adds }) => asksMore(adds));
  });
}

/** A mutation whose result is denied has written all the same; roles and permissions must be told beforehand. */
function checkMutation(table: ReadTable, type: string, field: Field, rule: Rule, report: Report): void {
  if (type !== table.schema.getMutationType()?.name || !isAbstractType(getNamedType(field.type))) {
    return;
  }
  const { members } = fieldChecks(table, type, rule);
  const stronger = members.filter(({ doors }) => doors.some(({ owner }) => owner === null));
  if (stronger.length > 0) {
    const names = stronger.map((member) => member.type).join(', ');
    report(rule.coordinate, `would write before ${names} is denied; demand as much of the mutation itself`);
  }
}

/** The type of the innermost items of a list. */
function itemType(output: GraphQLOutputType): GraphQLOutputType {
  const type = getNullableType(output);
  return isListType(type) ? itemType(type.ofType) : output;
}
