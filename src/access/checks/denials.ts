import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { defaultOf, hasDefault } from '../defaults.ts';
import { isEntitiesField } from '../policy/federation.ts';
import { hasFields } from '../policy/connections.ts';
import {
  type FieldChecks,
  fieldChecks,
  type GuardedInputs,
  guardedInputs,
  type ReadTable,
  satisfiedByParent,
} from '../policy/field-checks.ts';
import type { Report } from '../policy/policy-error.ts';
import { remainingRequirements, type Requirement } from '../policy/requirements.ts';
import type { Rule } from '../policy/table.ts';
import { isRecord } from '../values.ts';
import { ownTypes } from '../read/elements.ts';
import { fieldTypes } from './references.ts';

type Field = GraphQLField<unknown, unknown>;

/** A table, and the treatment of denials. */
export interface DeniableTable extends ReadTable {
  /** Fields that every viewer is denied, so that their nullability does not matter. */
  readonly denied: ReadonlySet<string>;
  /** `null` at the place of a denial; `reject` of the operation before anything runs. */
  readonly denial: 'null' | 'reject';
}

const REMEDY = '(@semanticNonNull tells clients that it is null only with an error)';

/**
 * Reports every denial that would be more, or come later, than it should: on non-null fields, and on mutations that
 * write first.
 */
export function checkDenials(table: DeniableTable, report: Report): void {
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
  table: DeniableTable,
  inputs: GuardedInputs,
  type: string,
  field: Field,
  rule: Rule,
  report: Report,
): void {
  if (isEntitiesField(table.schema, type, field.name)) {
    return; // The field is never denied, and its items are nullable by the subgraph specification.
  }
  const { requirements: all, members } = fieldChecks(table, type, rule);
  const requirements = all.filter(({ from }) => !table.denied.has(from));
  const isList = isListType(getNullableType(field.type));
  const byObject =
    requirements.some(({ site }) => site === 'result') ||
    (isAbstractType(getNamedType(field.type)) && members.some((member) => member.requirements.length > 0));
  const beforehand =
    table.denial === 'reject'
      ? requirements.some(({ site }) => site === 'parent') || isInputDependent(table, inputs, field, rule)
      : isDeniedBeforehand(table, type, { requirements, members }) || isInputDeniable(table, inputs, type, field, rule);
  if (isNonNullType(field.type) && (beforehand || (byObject && !isList))) {
    report(rule.coordinate, `may be denied, so it must be nullable: ${String(field.type.ofType)} ${REMEDY}`);
  }
  if (byObject && isList && isNonNullType(innermostType(field.type))) {
    report(rule.coordinate, `returns items that may be denied one by one, so items must be nullable ${REMEDY}`);
  }
}

/**
 * Tells whether a field may be denied without looking at what it returns. A viewer who has satisfied any requirement is
 * signed in, so a requirement with an owner is then left to the objects, as one with a policy always is.
 */
function isDeniedBeforehand(table: ReadTable, type: string, { requirements, members }: FieldChecks): boolean {
  const isSignedIn = satisfiedByParent(table, type).some(({ policies }) => policies.length === 0);
  const isDenying = ({ site, policies }: Requirement): boolean =>
    site === null || site === 'parent' || (!isSignedIn && policies.length === 0);
  return (
    requirements.some(isDenying) ||
    (members.length > 0 && members.every((member) => member.requirements.some(isDenying)))
  );
}

/** Tells whether an argument, or something within one, requires more than the field does. */
function isInputDeniable(table: ReadTable, inputs: GuardedInputs, type: string, field: Field, rule: Rule): boolean {
  const satisfied = [...satisfiedByParent(table, type), ...rule.requirements];
  const asksMore = (adds: readonly Requirement[]): boolean =>
    remainingRequirements(adds, satisfied, table.roles).length > 0;
  return field.args.some((argument) => {
    const own = table.rules.get(`${rule.coordinate}(${argument.name}:)`)?.adds ?? [];
    const within = inputs.get(getNamedType(argument.type).name) ?? [];
    return asksMore(own) || within.some(({ adds }) => asksMore(adds));
  });
}

/** Tells whether an argument, or something within one, depends on a policy. */
function isInputDependent(table: ReadTable, inputs: GuardedInputs, field: Field, rule: Rule): boolean {
  return field.args.some((argument) => {
    const own = table.rules.get(`${rule.coordinate}(${argument.name}:)`)?.adds ?? [];
    const within = (inputs.get(getNamedType(argument.type).name) ?? []).flatMap(({ adds }) => adds);
    return [...own, ...within].some(({ policies }) => policies.length > 0);
  });
}

/**
 * Reports mutations that would write before a role or permission is checked, because only the returned type requires
 * it.
 */
function checkMutation(table: ReadTable, type: string, field: Field, rule: Rule, report: Report): void {
  if (type !== table.schema.getMutationType()?.name || !isAbstractType(getNamedType(field.type))) {
    return;
  }
  const { members } = fieldChecks(table, type, rule);
  const stronger = members.filter(({ requirements }) => requirements.some(({ site }) => site === null));
  if (stronger.length > 0) {
    const names = stronger.map((member) => member.type).join(', ');
    report(rule.coordinate, `would write before ${names} is denied; give the mutation itself the same requirements`);
  }
}

/** Returns the type of the innermost items of a list. */
function innermostType(output: GraphQLOutputType): GraphQLOutputType {
  const type = getNullableType(output);
  return isListType(type) ? innermostType(type.ofType) : output;
}

/** Reports defaults that the guard could not distinguish from a value that a client supplied. */
export function checkDefaults(table: ReadTable, report: Report): void {
  for (const type of ownTypes(table.schema)) {
    if (isInputObjectType(type)) {
      Object.values(type.getFields()).forEach((field) =>
        checkDefault(table, `${type.name}.${field.name}`, field, report),
      );
    } else if (hasFields(type)) {
      for (const field of Object.values(type.getFields())) {
        field.args.forEach((argument) =>
          checkDefault(table, `${type.name}.${field.name}(${argument.name}:)`, argument, report),
        );
      }
    }
  }
}

function checkDefault(
  table: ReadTable,
  coordinate: string,
  input: GraphQLArgument | GraphQLInputField,
  report: Report,
): void {
  if (!hasDefault(input)) {
    return;
  }
  if (isGuarded(table, coordinate)) {
    report(
      coordinate,
      'is guarded and has a default, which cannot be distinguished from a supplied value; remove the default',
    );
  }
  for (const used of guardedWithin(table, input.type, defaultOf(input))) {
    report(coordinate, `has a default that uses ${used}, which is guarded; remove the default`);
  }
}

/** Returns the guarded input fields and enum values that occur in a coerced value. */
function guardedWithin(table: ReadTable, input: GraphQLInputType, value: unknown): string[] {
  if (Array.isArray(value) && isListType(getNullableType(input))) {
    return value.flatMap((item: unknown) => guardedWithin(table, itemType(input), item));
  }
  const type = getNamedType(input);
  if (isEnumType(type)) {
    // By name, too: graphql-tools leaves names in defaults within defaults when it gives an enum its internal values.
    const values = type.getValues().filter((one) => one.value === value || one.name === value);
    return values.map(({ name }) => `${type.name}.${name}`).filter((coordinate) => isGuarded(table, coordinate));
  }
  if (!isInputObjectType(type) || !isRecord(value)) {
    return [];
  }
  const supplied = Object.values(type.getFields()).filter((field) => Object.hasOwn(value, field.name));
  const own = supplied.map(({ name }) => `${type.name}.${name}`).filter((coordinate) => isGuarded(table, coordinate));
  const inner = new Map<string, unknown>(Object.entries(value));
  return own.concat(supplied.flatMap((field) => guardedWithin(table, field.type, inner.get(field.name))));
}

function itemType(input: GraphQLInputType): GraphQLInputType {
  const type = getNullableType(input);
  return isListType(type) ? type.ofType : type;
}

function isGuarded({ rules }: ReadTable, coordinate: string): boolean {
  return (rules.get(coordinate)?.adds.length ?? 0) > 0;
}
