import { assertName } from 'graphql';

/**
 * The directives of the access model, as SDL to put beside one's own type definitions. They refer to the enum of roles
 * as `Role`; {@link authTypeDefsFor} names another one.
 */
export const authTypeDefs: string = authTypeDefsFor('Role');

/**
 * The directives of the access model for an enum of roles of any name.
 *
 * `@semanticNonNull` is declared too, for fields that are null only together with an error
 * (https://specs.apollo.dev/nullability/v0.4).
 *
 * @throws GraphQLError if `roleEnum` is not a GraphQL name.
 */
export function authTypeDefsFor(roleEnum: string): string {
  return `"A door. Its arguments are alternative keys: any one of them opens it; without arguments, being signed in does."
directive @auth(
  "Any of these roles, or a role that inherits one of them."
  requires: [${assertName(roleEnum)}!]
  "Any of these permissions."
  permissions: [String!]
  "A field of this object that names the viewer who owns it."
  owner: String
) repeatable on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"Anybody may pass."
directive @public on OBJECT | INTERFACE | FIELD_DEFINITION

"This reveals those fields (\`Type.field\`), so it stands behind their doors as well."
directive @reads(fields: [String!]!) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE

"The roles of whose doors the holder of this role has the keys as well."
directive @inherits(roles: [String!]!) on ENUM_VALUE

"Null only together with an error, at these levels of lists (0: the field itself)."
directive @semanticNonNull(levels: [Int!]! = [0]) on FIELD_DEFINITION
`;
}
