import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { DateTimeResolver, EmailAddressResolver, IBANResolver, JSONResolver } from 'graphql-scalars';
import { isRoleName, ROLE_NAME_RULE } from '../lib/names.ts';

function requireRoleName(value: unknown): string {
  if (typeof value === 'string' && isRoleName(value)) {
    return value;
  }
  throw new GraphQLError(ROLE_NAME_RULE, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

/** The name of a role: an enum literal (`ADMIN`) or a string (`"ADMIN"`), since roles are also added at run time. */
export const RoleNameResolver = new GraphQLScalarType({
  name: 'RoleName',
  serialize: requireRoleName,
  parseValue: requireRoleName,
  parseLiteral: (node) =>
    requireRoleName(node.kind === Kind.ENUM || node.kind === Kind.STRING ? node.value : undefined),
});

/** Returns the conversions of a scalar; its name and description are in the contract. */
function conversionsOf({ serialize, parseValue, parseLiteral }: GraphQLScalarType) {
  return { serialize, parseValue, parseLiteral };
}

export const scalarResolvers = {
  DateTime: conversionsOf(DateTimeResolver),
  EmailAddress: conversionsOf(EmailAddressResolver),
  IBAN: conversionsOf(IBANResolver),
  JSON: conversionsOf(JSONResolver),
  RoleName: conversionsOf(RoleNameResolver),
};
