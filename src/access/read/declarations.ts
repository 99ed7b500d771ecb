import { getNamedType, type GraphQLDirective, type GraphQLSchema, isSpecifiedDirective } from 'graphql';
import type { Report } from '../policy/policy-error.ts';
import { definitionOf, meantName } from './vocabulary.ts';

/**
 * Reports directives that are declared differently from `authTypeDefs`, or under another name: one letter away from
 * ours, or with an argument of the role enum's type.
 *
 * @returns the names that were reported, which nothing must apply
 */
export function checkDeclarations(schema: GraphQLSchema, roleEnum: string, report: Report): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const directive of schema.getDirectives()) {
    const mistake = isSpecifiedDirective(directive) ? null : mistakeIn(directive, roleEnum);
    if (mistake !== null) {
      report(`@${directive.name}`, mistake);
      refused.add(directive.name);
    }
  }
  return refused;
}

function mistakeIn(directive: GraphQLDirective, roleEnum: string): string | null {
  const definition = definitionOf(directive.name);
  if (definition !== null) {
    const expected = Object.entries(definition.args).map(
      ([name, type]) => `${name}: ${type.replace('Role', roleEnum)}`,
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
