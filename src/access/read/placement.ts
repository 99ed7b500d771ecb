import {
  getNamedType,
  type GraphQLDirective,
  type GraphQLSchema,
  isEnumType,
  isSpecifiedDirective,
  specifiedDirectives,
} from 'graphql';
import type { Report } from '../policy/policy-error.ts';
import type { AppliedDirective, Literal } from './applied.ts';
import type { SchemaElement } from './elements.ts';
import { definitionOf, meantName } from './vocabulary.ts';

/** The parts of a schema that are needed to judge whether a directive is allowed at a place. */
export interface Placement {
  readonly schema: GraphQLSchema;
  readonly roleEnum: string;
  readonly roles: ReadonlySet<string>;
  /** The directives that are declared wrongly: applying one is a mistake as well. */
  readonly refused: ReadonlySet<string>;
}

/** Returns the reason why a directive must not be at its place, or null. */
export function placementMistake(directive: AppliedDirective, element: SchemaElement, use: Placement): string | null {
  const { name, origin } = directive;
  const definition = definitionOf(name);
  if (origin === 'sdl' && !isDeclared(name, use.schema)) {
    return undeclared(name);
  }
  if (definition === null) {
    return foreignMistake(directive, use);
  }
  if (element.coordinate.startsWith('@')) {
    return `@${name} has no effect on an argument of a directive; remove it`;
  }
  if (!definition.locations.includes(element.location)) {
    return `@${name} has no effect on ${article(element.location)}; remove it`;
  }
  const isRole = element.coordinate.startsWith(`${use.roleEnum}.`);
  return name === 'inherits' && !isRole ? `@inherits has no effect outside enum ${use.roleEnum}; remove it` : null;
}

function isDeclared(name: string, schema: GraphQLSchema): boolean {
  const declared = schema.getDirective(name);
  return declared !== null && declared !== undefined ? true : SPECIFIED.has(name);
}

const SPECIFIED = new Set(specifiedDirectives.map(({ name }) => name));

function undeclared(name: string): string {
  if (definitionOf(name) !== null) {
    return `@${name} is not declared; add authTypeDefs to the type definitions`;
  }
  const meant = meantName(name);
  return meant === null ? `@${name} is not declared; declare or remove it` : `@${name} is not declared; use @${meant}`;
}

/** Returns the mistake of a directive that is not ours, but was probably meant to be; or null. */
function foreignMistake({ name, args }: AppliedDirective, use: Placement): string | null {
  const meant = meantName(name);
  if (meant !== null) {
    return `@${name} looks like a misspelt @${meant}; use @${meant}`;
  }
  const namesRole = [...(args?.values() ?? [])].some((value) => texts(value).some((text) => use.roles.has(text)));
  return use.refused.has(name) || namesRole ? `@${name} names a role, and nothing enforces it; use @auth` : null;
}

function texts(value: Literal): string[] {
  if (value === null) {
    return [];
  }
  return 'text' in value ? [value.text] : value.flatMap(texts);
}

function article(location: string): string {
  const words = location.toLowerCase().replaceAll('_', ' ');
  return /^[aeio]/.test(words) ? `an ${words}` : `a ${words}`;
}

/**
 * Reports directives that are declared differently from `authTypeDefs`, or under another name: one letter away from
 * ours, or with an argument of the type of the role enum.
 *
 * @returns the names that were reported, which nothing may use
 */
export function checkDeclarations(schema: GraphQLSchema, roleEnum: string, report: Report): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const directive of schema.getDirectives()) {
    const mistake = isSpecifiedDirective(directive) ? null : mistakeIn(directive, roleEnum, schema);
    if (mistake !== null) {
      report(`@${directive.name}`, mistake);
      refused.add(directive.name);
    }
  }
  return refused;
}

function mistakeIn(directive: GraphQLDirective, roleEnum: string, schema: GraphQLSchema): string | null {
  const definition = definitionOf(directive.name);
  if (definition !== null) {
    const roleType = isEnumType(schema.getType(roleEnum)) ? roleEnum : 'String';
    const expected = Object.entries(definition.args).map(
      ([name, type]) => `${name}: ${type.replace('Role', roleType)}`,
    );
    const declared = directive.args.map(({ name, type, defaultValue }) =>
      defaultValue === undefined ? `${name}: ${String(type)}` : `${name}: ${String(type)} = …`,
    );
    return sameElements(expected, declared)
      ? null
      : `is declared with (${declared.join(', ')}) instead of (${expected.join(', ')}); use authTypeDefs`;
  }
  const meant = meantName(directive.name);
  if (meant !== null) {
    return `looks like a misspelt @${meant}; use @${meant}, or give a directive of your own a name further away`;
  }
  const takesRole = directive.args.some(({ type }) => getNamedType(type).name === roleEnum);
  return takesRole ? `takes a ${roleEnum}, and nothing enforces it; use @auth and remove this directive` : null;
}

function sameElements(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}
