import { DirectiveLocation } from 'graphql';
import { editDistance } from '../edit-distance.ts';
import { isObjectOf, type OptionKind } from '../options.ts';

export type DirectiveName = 'auth' | 'public' | 'reads' | 'inherits';

/** The arguments and places of a directive. */
export interface Definition {
  /** The type of each argument by name, with `Role` for the enum of roles, whatever its name. */
  readonly args: Readonly<Record<string, string>>;
  readonly locations: readonly DirectiveLocation[];
}

const { ARGUMENT_DEFINITION, ENUM_VALUE, FIELD_DEFINITION, INPUT_FIELD_DEFINITION, INTERFACE, OBJECT } =
  DirectiveLocation;

/** The declarations of `authTypeDefs`, in a form to compare with. */
export const DIRECTIVES: Readonly<Record<DirectiveName, Definition>> = {
  auth: {
    args: { requires: '[Role!]', permissions: '[String!]', owner: '[String!]', policy: '[String!]' },
    locations: [OBJECT, INTERFACE, FIELD_DEFINITION, ARGUMENT_DEFINITION, INPUT_FIELD_DEFINITION],
  },
  public: { args: {}, locations: [OBJECT, INTERFACE, FIELD_DEFINITION] },
  reads: {
    args: { fields: '[String!]!' },
    locations: [FIELD_DEFINITION, ARGUMENT_DEFINITION, INPUT_FIELD_DEFINITION, ENUM_VALUE],
  },
  inherits: { args: { roles: '[String!]!' }, locations: [ENUM_VALUE] },
};

/** The name that a schema gives to each of our directives. */
export type DirectiveNames = Readonly<Record<DirectiveName, string>>;

export const DEFAULT_NAMES: DirectiveNames = { auth: 'auth', public: 'public', reads: 'reads', inherits: 'inherits' };

/** The option that renames our directives. */
export const DIRECTIVE_NAMES: OptionKind = {
  words: 'other names for auth, public, reads and inherits, each without "@" and different from the others',
  accepts: (value) =>
    isObjectOf(value, (name, ours) => isDirectiveName(ours) && isName(name)) &&
    new Set(Object.values({ ...DEFAULT_NAMES, ...(value as object) })).size === Object.keys(DEFAULT_NAMES).length,
};

/** Tells whether a value is a GraphQL name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[_A-Za-z]\w*$/.test(value);
}

/** The words of one schema. */
export interface Vocabulary {
  readonly names: DirectiveNames;
  readonly roleEnum: string;
  /** Directives of the adopter that resemble ours. */
  readonly ignored: ReadonlySet<string>;
}

/** Returns the directive of ours that a schema writes in this way, or null. */
export function directiveNamed(name: string, { names }: Pick<Vocabulary, 'names'>): DirectiveName | null {
  const found = Object.entries(names).find(([, written]) => written === name)?.[0];
  return found !== undefined && isDirectiveName(found) ? found : null;
}

/**
 * Returns the name of ours that a name was probably meant to be: the same in another case, or one letter away. Of a text that is
 * no name, such as `@auth(requires: ADMIN)`, its first word counts.
 */
export function meantName(name: string, { names, ignored }: Pick<Vocabulary, 'names' | 'ignored'>): string | null {
  if (ignored.has(name)) {
    return null;
  }
  const [word] = isName(name) ? [] : (/\w+/.exec(name) ?? []);
  const isMeant = (ours: string): boolean =>
    word?.toLowerCase() === ours || editDistance(name.toLowerCase(), ours, 1) <= 1;
  return Object.values(names).find((ours) => isMeant(ours.toLowerCase())) ?? null;
}

/** Replaces the usual names of our directives in a text by those of a schema. */
export function inWordsOf({ names }: Pick<Vocabulary, 'names'>, text: string): string {
  return text.replaceAll(/@(auth|public|reads|inherits)\b/g, (whole, name: string) =>
    isDirectiveName(name) ? `@${names[name]}` : whole,
  );
}

function isDirectiveName(name: string): name is DirectiveName {
  return Object.hasOwn(DIRECTIVES, name);
}
