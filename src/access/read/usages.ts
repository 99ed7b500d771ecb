import { DirectiveLocation, isEnumType } from 'graphql';
import type { Report } from '../policy/policy-error.ts';
import { type AppliedDirective, appliedDirectives, malformedDirectives } from './applied.ts';
import { type AuthUsage, type KnownRoles, readAuthUsage, readTexts } from './auth-usage.ts';
import { type Annotated, type SchemaElement, schemaElements } from './elements.ts';
import { type Placement, placementMistake } from './placement.ts';
import { DIRECTIVES, type DirectiveName, directiveNamed } from './vocabulary.ts';

/** The access directives on one coordinate. */
export interface DirectiveUsages {
  readonly auth: readonly AuthUsage[];
  readonly isPublic: boolean;
  readonly reads: readonly string[];
  readonly inherits: readonly string[];
}

/** The access directives of every coordinate that has any. */
export type Usages = ReadonlyMap<string, DirectiveUsages>;

/** The state while directives are read. */
interface Reading {
  readonly placement: Placement;
  readonly roles: KnownRoles;
  readonly report: Report;
  /** Equal usages are one and the same object: thousands of fields have the same few. */
  readonly auth: Map<string, AuthUsage>;
}

/** Reads all access directives of a schema, and reports those that are misspelt, undeclared, misplaced or malformed. */
export function readUsages(placement: Placement, report: Report): Usages {
  const reading = newReading(placement, report);
  const book = new Map<string, DirectiveUsages>();
  for (const element of schemaElements(placement.schema)) {
    const usages = usagesOf(element, reading);
    if (usages !== null) {
      book.set(element.coordinate, usages);
    }
  }
  return book;
}

/** Reads the access directives on a node that may stand for no element of the schema; null if there are none. */
export function usagesOfNode(coordinate: string, node: Annotated, placement: Placement): DirectiveUsages | null {
  const element = { coordinate, location: DirectiveLocation.FIELD_DEFINITION, nodes: [node], extensions: {} };
  const reading = newReading(placement, () => undefined);
  return usagesOf(element, reading);
}

function newReading(placement: Placement, report: Report): Reading {
  const form = isEnumType(placement.schema.getType(placement.roleEnum)) ? 'name' : 'string';
  return { placement, roles: { names: placement.roles, form }, report, auth: new Map() };
}

function usagesOf(element: SchemaElement, reading: Reading): DirectiveUsages | null {
  const ours: AppliedDirective[] = [];
  const { placement, report } = reading;
  for (const message of malformedDirectives(element, placement)) {
    report(element.coordinate, message);
  }
  for (const directive of appliedDirectives(element)) {
    const mistake = placementMistake(directive, element, placement);
    if (mistake !== null) {
      report(element.coordinate, mistake);
    }
    const name = directiveNamed(directive.name, placement);
    if (name !== null) {
      checkArguments(directive, name, element.coordinate, report);
      ours.push({ ...directive, name });
    }
  }
  return ours.length === 0 ? null : readOurs(ours, element.coordinate, reading);
}

function checkArguments({ args }: AppliedDirective, name: DirectiveName, coordinate: string, report: Report): void {
  if (args === null) {
    report(coordinate, `the arguments of @${name} must be an object`);
  }
  const known = Object.keys(DIRECTIVES[name].args);
  for (const argument of args?.keys() ?? []) {
    if (!known.includes(argument)) {
      const remedy = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`;
      report(coordinate, `@${name} has no argument ${argument}; ${remedy}`);
    }
  }
  const required = name === 'reads' ? 'fields' : 'roles';
  if ((name === 'reads' || name === 'inherits') && args?.has(required) === false) {
    report(coordinate, `@${name} names no ${required}; it needs ${required}: ["…"]`);
  }
}

function readOurs(ours: readonly AppliedDirective[], coordinate: string, reading: Reading): DirectiveUsages {
  const complain = (message: string): void => reading.report(coordinate, message);
  const named = (name: DirectiveName): AppliedDirective[] => ours.filter((directive) => directive.name === name);
  const texts = (name: DirectiveName, argument: string): string[] =>
    named(name).flatMap(({ args }) => readTexts(args, name, argument, 'string', complain));
  const usages: DirectiveUsages = {
    auth: named('auth').map((directive) => share(readAuthUsage(directive, reading.roles, complain), reading)),
    isPublic: named('public').length > 0,
    reads: texts('reads', 'fields'),
    inherits: texts('inherits', 'roles'),
  };
  if (usages.isPublic && usages.auth.length > 0) {
    complain('carries both @public and @auth; remove one of them');
  }
  return usages;
}

function share(usage: AuthUsage, { auth }: Reading): AuthUsage {
  const key = JSON.stringify(usage);
  const known = auth.get(key) ?? usage;
  auth.set(key, known);
  return known;
}
