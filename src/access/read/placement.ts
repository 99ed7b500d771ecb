import {
  getNamedType,
  type GraphQLDirective,
  type GraphQLSchema,
  isEnumType,
  isSpecifiedDirective,
  specifiedDirectives,
} from 'graphql';
import { hasDefault } from '../defaults.ts';
import type { Report } from '../policy/policy-error.ts';
import type { AppliedDirective } from './applied.ts';
import type { SchemaElement } from './elements.ts';
import { type Definition, DIRECTIVES, directiveNamed, meantName, type Vocabulary } from './vocabulary.ts';

/** The parts of a schema that are needed to judge whether a directive is allowed at a place. */
export interface Placement extends Vocabulary {
  readonly schema: GraphQLSchema;
  readonly roles: ReadonlySet<string>;
  /** The directives that are declared wrongly: applying one is a mistake as well. */
  readonly refused: ReadonlySet<string>;
}

/** Returns the reason why a directive must not be at its place, or null. */
export function placementMistake(directive: AppliedDirective, element: SchemaElement, use: Placement): string | null {
  const { name, origin } = directive;
  const ours = directiveNamed(name, use);
  if (origin === 'sdl' && !isDeclared(name, use.schema)) {
    return undeclared(name, ours !== null, use);
  }
  if (ours === null) {
    return foreignMistake(name, use);
  }
  if (element.coordinate.startsWith('@')) {
    return `@${name} has no effect on an argument of a directive; remove it`;
  }
  const { locations }: Definition = DIRECTIVES[ours];
  if (!locations.includes(element.location)) {
    return `@${name} has no effect on ${article(element.location)}; remove it`;
  }
  const isRole = element.coordinate.startsWith(`${use.roleEnum}.`);
  return ours === 'inherits' && !isRole ? `@${name} has no effect outside enum ${use.roleEnum}; remove it` : null;
}

function isDeclared(name: string, schema: GraphQLSchema): boolean {
  const declared = schema.getDirective(name);
  return declared !== null && declared !== undefined ? true : SPECIFIED.has(name);
}

const SPECIFIED = new Set(specifiedDirectives.map(({ name }) => name));

function undeclared(name: string, isOurs: boolean, use: Vocabulary): string {
  if (isOurs) {
    return `@${name} is not declared; add authTypeDefs to the type definitions`;
  }
  const meant = meantName(name, use);
  return meant === null ? `@${name} is not declared; declare or remove it` : `@${name} is not declared; use @${meant}`;
}

/** Returns the mistake of a directive that is not ours, but was probably meant to be; or null. */
function foreignMistake(name: string, use: Placement): string | null {
  const meant = meantName(name, use);
  if (meant !== null) {
    return `@${name} looks like a misspelt @${meant}; use @${meant}, or list "${name}" in the option ignoreDirectives`;
  }
  return use.refused.has(name) ? `@${name} names a role, and nothing enforces it; use @auth` : null;
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
export function checkDeclarations(schema: GraphQLSchema, words: Vocabulary, report: Report): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const directive of schema.getDirectives()) {
    const mistake = isSpecifiedDirective(directive) ? null : mistakeIn(directive, words, schema);
    if (mistake !== null) {
      report(`@${directive.name}`, mistake);
      refused.add(directive.name);
    }
  }
  return refused;
}

/** graphql-tools merges two declarations of a name: the arguments of the first win, and the result is rarely repeatable. */
const NOT_REPEATABLE =
  'is not repeatable, as after a merge with another declaration of this name, whose defaults are lost; remove the other one, or rename ours by the option directives';

function mistakeIn(directive: GraphQLDirective, words: Vocabulary, schema: GraphQLSchema): string | null {
  const { roleEnum, ignored } = words;
  const ours = directiveNamed(directive.name, words);
  if (ours !== null) {
    const definition: Definition = DIRECTIVES[ours];
    const roleType = isEnumType(schema.getType(roleEnum)) ? roleEnum : 'String';
    const expected = Object.entries(definition.args).map(
      ([name, type]) => `${name}: ${type.replace('Role', roleType)}`,
    );
    const declared = directive.args.map((argument) => {
      return `${argument.name}: ${String(argument.type)}${hasDefault(argument) ? ' = …' : ''}`;
    });
    if (sameElements(expected, ours === 'auth' ? asDeclaredNow(declared) : declared)) {
      return ours === 'auth' && !directive.isRepeatable ? NOT_REPEATABLE : null;
    }
    return `is declared with (${declared.join(', ')}) instead of (${expected.join(', ')}); put authTypeDefs in its place, or rename ours by the option directives`;
  }
  const meant = meantName(directive.name, words);
  if (meant !== null) {
    return `looks like a misspelt @${meant}; use @${meant}, or list "${directive.name}" in the option ignoreDirectives`;
  }
  const takesRole = directive.args.some(({ type }) => getNamedType(type).name === roleEnum);
  return takesRole && !ignored.has(directive.name)
    ? `takes a ${roleEnum}, and nothing enforces it; use @auth and remove this directive, or list "${directive.name}" in the option ignoreDirectives`
    : null;
}

/** Returns a declaration of `@auth` as it is now: schemas may still have the one with a single owner and no policy. */
function asDeclaredNow(declared: readonly string[]): string[] {
  const now = declared.map((argument) => (argument === 'owner: String' ? 'owner: [String!]' : argument));
  return now.some((argument) => argument.startsWith('policy:')) ? now : [...now, 'policy: [String!]'];
}

function sameElements(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}
