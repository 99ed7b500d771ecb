import type { Report } from '../policy/policy-error.ts';
import { type AppliedDirective, appliedDirectives } from './applied.ts';
import { type Demand, readDemand, readTexts } from './demands.ts';
import { type SchemaElement, schemaElements } from './elements.ts';
import { type Placement, placementMistake } from './placement.ts';
import { DIRECTIVES, type DirectiveName, isOurs } from './vocabulary.ts';

/** What the directives on one coordinate say. */
export interface Marks {
  readonly demands: readonly Demand[];
  readonly isPublic: boolean;
  readonly reads: readonly string[];
  readonly inherits: readonly string[];
}

/** The marks of every coordinate that carries any. */
export type MarkBook = ReadonlyMap<string, Marks>;

/** What a schema's marks are read with. */
interface Reading {
  readonly placement: Placement;
  readonly report: Report;
  /** Equal demands are one and the same: thousands of fields demand the same few things. */
  readonly demands: Map<string, Demand>;
}

/** Reads all access directives of a schema, and reports those that are misspelt, undeclared, misplaced or malformed. */
export function readMarks(placement: Placement, report: Report): MarkBook {
  const reading: Reading = { placement, report, demands: new Map() };
  const book = new Map<string, Marks>();
  for (const element of schemaElements(placement.schema)) {
    const marks = marksOf(element, reading);
    if (marks !== null) {
      book.set(element.coordinate, marks);
    }
  }
  return book;
}

function marksOf(element: SchemaElement, reading: Reading): Marks | null {
  const ours: AppliedDirective[] = [];
  const { placement, report } = reading;
  for (const directive of appliedDirectives(element)) {
    const mistake = placementMistake(directive, element, placement);
    if (mistake !== null) {
      report(element.coordinate, mistake);
    }
    if (isOurs(directive.name)) {
      checkArguments(directive, directive.name, element.coordinate, report);
      ours.push(directive);
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

function readOurs(ours: readonly AppliedDirective[], coordinate: string, reading: Reading): Marks {
  const complain = (message: string): void => reading.report(coordinate, message);
  const named = (name: DirectiveName): AppliedDirective[] => ours.filter((directive) => directive.name === name);
  const texts = (name: DirectiveName, argument: string): string[] =>
    named(name).flatMap(({ args }) => readTexts(args, name, argument, 'string', complain));
  const marks: Marks = {
    demands: named('auth').map((directive) => share(readDemand(directive, reading.placement.roles, complain), reading)),
    isPublic: named('public').length > 0,
    reads: texts('reads', 'fields'),
    inherits: texts('inherits', 'roles'),
  };
  if (marks.isPublic && marks.demands.length > 0) {
    complain('carries both @public and @auth; remove one of them');
  }
  return marks;
}

function share(demand: Demand, { demands }: Reading): Demand {
  const key = JSON.stringify(demand);
  const known = demands.get(key) ?? demand;
  demands.set(key, known);
  return known;
}
