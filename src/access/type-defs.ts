import { checkOptions } from './options.ts';
import { DEFAULT_NAMES, DIRECTIVE_NAMES, type DirectiveNames, inWordsOf, isName } from './read/vocabulary.ts';

/**
 * The directives of the access model, as SDL to put beside your own type definitions. They refer to the enum of roles
 * as `Role`; {@link authTypeDefsFor} names another one.
 */
export const authTypeDefs: string = authTypeDefsFor('Role');

/**
 * Returns the directives of the access model for an enum of roles with another name, and with other names for
 * the directives if a schema uses these names for something else.
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
Declares a requirement that a viewer must satisfy. The arguments are alternatives: the viewer needs one of them. Without
arguments, the viewer needs to be signed in. A viewer must satisfy every requirement on the way to a value: those of the
field, of its type and interfaces, and of the type that it returns.
"""
directive @auth(
  "Any of these roles, or a role that inherits one of them."
  requires: [${roleEnum}!]
  "Any of these permissions."
  permissions: [String!]
  "A field of this object, or a path of fields (\`account.owner\`), that holds the id of the viewer who owns it."
  owner: [String!]
  "Any of these functions of the server, which decide by the viewer, the object and the arguments."
  policy: [String!]
) repeatable on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"Allows every viewer, signed in or not, to read this field. On a type, it applies to each field without an @auth of its own."
directive @public on OBJECT | INTERFACE | FIELD_DEFINITION

"""
Names the fields, each as \`Type.field\`, whose values this argument, filter, sort value or computed field reveals. A viewer
who may not read these fields may not use it.
"""
directive @reads(fields: [String!]!) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE

"Lets this role satisfy every requirement that one of these roles satisfies."
directive @inherits(roles: [String!]!) on ENUM_VALUE

"States that the field is null only if there is an error. \`levels\` are levels of nested lists; 0 is the field itself."
directive @semanticNonNull(levels: [Int!]! = [0]) on FIELD_DEFINITION
`;
  return inWordsOf({ names }, text);
}
