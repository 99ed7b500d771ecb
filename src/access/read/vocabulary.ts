import { DirectiveLocation } from 'graphql';
import { editDistance } from '../edit-distance.ts';

export type DirectiveName = 'auth' | 'public' | 'reads' | 'inherits';

interface Definition {
  /** The type of each argument by name, with `Role` for the enum of roles, whatever its name. */
  readonly args: Readonly<Record<string, string>>;
  readonly locations: readonly DirectiveLocation[];
}

const { ARGUMENT_DEFINITION, ENUM_VALUE, FIELD_DEFINITION, INPUT_FIELD_DEFINITION, INTERFACE, OBJECT } =
  DirectiveLocation;

/** The declarations of `authTypeDefs`, in a form to compare with. */
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

/** Returns the definition of one of our directives, or null. */
export function definitionOf(name: string): Definition | null {
  return isOurs(name) ? DIRECTIVES[name] : null;
}

/** Tells whether a name is that of one of our directives. */
export function isOurs(name: string): name is DirectiveName {
  return Object.hasOwn(DIRECTIVES, name);
}

/** Returns the directive of ours that a name was probably meant to be: the same in another case, or one letter away. */
export function meantName(name: string): DirectiveName | null {
  const names: readonly string[] = Object.keys(DIRECTIVES);
  const meant = names.find((ours) => editDistance(name.toLowerCase(), ours, 1) <= 1);
  return meant !== undefined && isOurs(meant) ? meant : null;
}
