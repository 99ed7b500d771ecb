import { type GraphQLSchema, specifiedDirectives } from 'graphql';
import type { AppliedDirective, Literal } from './applied.ts';
import type { SchemaElement } from './elements.ts';
import { definitionOf, meantName } from './vocabulary.ts';

/** What must be known of a schema to judge whether a directive may stand where it stands. */
export interface Placement {
  readonly schema: GraphQLSchema;
  readonly roleEnum: string;
  readonly roles: ReadonlySet<string>;
  /** Directives that are declared wrongly: applying one is a mistake as well. */
  readonly refused: ReadonlySet<string>;
}

/** Why a directive must not stand where it stands, or null. */
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
    return `@${name} means nothing on an argument of a directive; remove it`;
  }
  if (!definition.locations.includes(element.location)) {
    return `@${name} means nothing on ${article(element.location)}; remove it`;
  }
  const isRole = element.coordinate.startsWith(`${use.roleEnum}.`);
  return name === 'inherits' && !isRole ? `@inherits means nothing outside enum ${use.roleEnum}; remove it` : null;
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

/** A directive that is not ours, but was probably meant to be. */
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
