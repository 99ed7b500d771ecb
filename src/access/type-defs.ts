import { checkOptions } from './options.ts';
import { DEFAULT_NAMES, DIRECTIVE_NAMES, type DirectiveNames, inWordsOf, isName } from './read/vocabulary.ts';

/**
 * The directives of the access model, as SDL to put beside your own type definitions. They refer to the enum of roles
 * as `Role`; {@link authTypeDefsFor} names another one.
 */
export const authTypeDefs: string = authTypeDefsFor('Role');

/**
 * Returns the directives of the access model for an enum of roles with another name, and with other names of
 * their own where a schema uses these for something else.
 *
 * `@semanticNonNull` is declared too, for fields that are null only together with an error
 * (https://specs.apollo.dev/nullability/v0.4).
 *
 * @throws TypeError if `roleEnum` is not a GraphQL name, or the names of the directives cannot be used
 */
export function authTypeDefsFor(roleEnum: string, directives: Partial<DirectiveNames> = {}): string {
  if (!isName(roleEnum)) {
    throw new TypeError('authTypeDefsFor takes the name of the enum of roles, or "String" if the schema has none');
  }
  checkOptions('authTypeDefsFor', { directives }, { directives: DIRECTIVE_NAMES });
  const names = { ...DEFAULT_NAMES, ...directives };
  const text = `"""
Requires something of the viewer. The arguments are alternatives: a viewer who has any of them satisfies the requirement.
Without arguments, any signed-in viewer does. Every requirement on the way to a value must be satisfied: those of the
field, of its type and interfaces, and of the type it returns.
"""
directive @auth(
  "Any of these roles, or a role that inherits one of them."
  requires: [${roleEnum}!]
  "Any of these permissions."
  permissions: [String!]
  "A field of this object, or a path of fields (\`account.owner\`), that holds the id of the viewer who owns it."
  owner: [String!]
  "Any of these functions of the server, which decide on the viewer, the object and the arguments."
  policy: [String!]
) repeatable on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"Anyone may read this, signed in or not. On a type: each of its fields that has no @auth of its own."
directive @public on OBJECT | INTERFACE | FIELD_DEFINITION

"""
This argument, filter, sort value or computed field reveals the values of these fields, each written as \`Type.field\`.
A viewer who may not read them may not use it.
"""
directive @reads(fields: [String!]!) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE

"This role also satisfies every requirement that one of these roles satisfies."
directive @inherits(roles: [String!]!) on ENUM_VALUE

"The field is null only together with an error, at these levels of nested lists (0: the field itself)."
directive @semanticNonNull(levels: [Int!]! = [0]) on FIELD_DEFINITION
`;
  return inWordsOf({ names }, text);
}
