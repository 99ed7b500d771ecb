import { DirectiveLocation } from 'graphql';

export type DirectiveName = 'auth' | 'public' | 'reads' | 'inherits';

interface Definition {
  /** Argument name → type, with `Role` for whatever the enum of roles is called. */
  readonly args: Readonly<Record<string, string>>;
  readonly locations: readonly DirectiveLocation[];
}

const { ARGUMENT_DEFINITION, ENUM_VALUE, FIELD_DEFINITION, INPUT_FIELD_DEFINITION, INTERFACE, OBJECT } =
  DirectiveLocation;

/** What `authTypeDefs` declares, in a form to compare with. */
export const DIRECTIVES = {
  auth: {
    args: { requires: '[Role!]', permissions: '[String!]', owner: 'String' },
    locations: [OBJECT, INTERFACE, FIELD_DEFINITION, ARGUMENT_DEFINITION, INPUT_FIELD_DEFINITION],
  },
  public: { args: {}, locations: [OBJECT, INTERFACE, FIELD_DEFINITION] },
  reads: {
    args: { fields: '[String!]!' },
    locations: [FIELD_DEFINITION, ARGUMENT_DEFINITION, INPUT_FIELD_DEFINITION, ENUM_VALUE],
  },
  inherits: { args: { roles: '[String!]!' }, locations: [ENUM_VALUE] },
} as const satisfies Record<DirectiveName, Definition>;

/** The definition of one of our directives, or null. */
export function definitionOf(name: string): Definition | null {
  return isOurs(name) ? DIRECTIVES[name] : null;
}

export function isOurs(name: string): name is DirectiveName {
  return Object.hasOwn(DIRECTIVES, name);
}

/** Which of our directives a name was probably meant to be: the same in another case, or one letter away. */
export function meantName(name: string): DirectiveName | null {
  const names: readonly string[] = Object.keys(DIRECTIVES);
  const meant = names.find((ours) => isOneEditAway(name.toLowerCase(), ours));
  return meant !== undefined && isOurs(meant) ? meant : null;
}

/** Whether one insertion, deletion, substitution or swap of neighbours at most lies between the two. */
export function isOneEditAway(a: string, b: string): boolean {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const start = short.split('').findIndex((letter, index) => letter !== long[index]);
  if (start === -1) {
    return long.length - short.length <= 1;
  }
  const rest = short.slice(start);
  const swapped = `${rest[1] ?? ''}${rest[0] ?? ''}${rest.slice(2)}`;
  const after = long.slice(start + 1);
  return after === rest || after === rest.slice(1) || long.slice(start) === swapped;
}
