import { type ASTNode, GraphQLScalarType, Kind } from 'graphql';
import { DateTimeResolver, EmailAddressResolver, IBANResolver } from 'graphql-scalars';
import { isRoleName, ROLE_NAME_RULE } from '../lib/names.ts';
import { scalarError } from './invalid-input.ts';
import { parseJson, parseJsonLiteral } from './json.ts';

function requireRoleName(value: unknown, node?: ASTNode): string {
  if (typeof value === 'string' && isRoleName(value)) {
    return value;
  }
  throw scalarError(ROLE_NAME_RULE, node);
}

/** The name of a role: an enum literal (`ADMIN`) or a string (`"ADMIN"`), since roles are also added at run time. */
export const RoleNameResolver = new GraphQLScalarType({
  name: 'RoleName',
  serialize: (value) => requireRoleName(value),
  parseValue: (value) => requireRoleName(value),
  parseLiteral: (node) =>
    requireRoleName(node.kind === Kind.ENUM || node.kind === Kind.STRING ? node.value : undefined, node),
});

/** Returns the conversions of a scalar; its name and description are in the contract. */
function conversionsOf({ serialize, parseValue, parseLiteral }: GraphQLScalarType) {
  return { serialize, parseValue, parseLiteral };
}

export const scalarResolvers = {
  DateTime: conversionsOf(DateTimeResolver),
  EmailAddress: conversionsOf(EmailAddressResolver),
  IBAN: conversionsOf(IBANResolver),
  JSON: { serialize: (value: unknown) => value, parseValue: parseJson, parseLiteral: parseJsonLiteral },
  RoleName: conversionsOf(RoleNameResolver),
};
