import type { AppliedDirective, Literal, LiteralForm } from './applied.ts';

/** One `@auth` as it is written: its arguments are alternatives. */
export interface AuthUsage {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** Fields, or paths of fields, of the object. */
  readonly owners: readonly string[];
  /** Names of functions of the adopter. */
  readonly policies: readonly string[];
  /** True if it has no argument: any signed-in viewer satisfies it. */
  readonly signedIn: boolean;
}

/** The roles of a schema, and the form in which SDL names them: values of an enum, or strings without one. */
export interface KnownRoles {
  readonly names: ReadonlySet<string>;
  readonly form: 'name' | 'string';
}

/** Reports a problem of a value. */
export type Complain = (message: string) => void;

/** Reads one `@auth`. Whatever is wrong with it is reported, and satisfies nothing. */
export function readAuthUsage({ args }: AppliedDirective, roles: KnownRoles, complain: Complain): AuthUsage {
  const named = readTexts(args, 'auth', 'requires', roles.form, complain);
  const known = [...roles.names].join(', ');
  for (const role of named.filter((name) => !roles.names.has(name))) {
    const remedy =
      known === '' ? 'declare an enum of roles, or name them in the option inherits' : `the roles are ${known}`;
    complain(`@auth(requires:) names ${role}, which is not a role; ${remedy}`);
  }
  return {
    roles: named,
    permissions: readTexts(args, 'auth', 'permissions', 'string', complain),
    owners: readTexts(args, 'auth', 'owner', 'string', complain),
    policies: readTexts(args, 'auth', 'policy', 'string', complain),
    signedIn: args?.size === 0,
  };
}

/**
 * Returns the texts of an argument, sorted and without duplicates; none if it is absent. A single one stands for a list
 * of one (https://spec.graphql.org/October2021/#sec-List.Input-Coercion).
 */
export function readTexts(
  args: AppliedDirective['args'],
  directive: string,
  name: string,
  form: LiteralForm,
  complain: Complain,
): string[] {
  const value = args?.get(name);
  if (value === undefined) {
    return [];
  }
  const items = value === null || 'text' in value ? [value] : value;
  if (items.length === 0) {
    complain(`@${directive}(${name}: []) names nothing; name at least one, or remove it`);
  }
  const texts = new Set<string>();
  for (const item of items) {
    const text = readText(item, form);
    if (text === null) {
      complain(badItem(directive, name, item, form));
    } else {
      texts.add(text);
    }
  }
  return [...texts].sort();
}

function readText(item: Literal, form: LiteralForm): string | null {
  const isText = item !== null && 'text' in item && (item.form === form || item.form === 'code');
  return isText && item.text.trim() !== '' ? item.text : null;
}

function badItem(directive: string, name: string, item: Literal, form: LiteralForm): string {
  if (item !== null && 'text' in item && item.text.trim() !== '') {
    const expected = form === 'name' ? 'an enum value, without quotes' : 'a string';
    return `@${directive}(${name}: ${item.text}) must be ${expected}`;
  }
  const what = item === null ? 'null' : 'text' in item ? 'an empty text' : 'a nested list';
  return `@${directive}(${name}:) is ${what}; name at least one, or remove it`;
}
