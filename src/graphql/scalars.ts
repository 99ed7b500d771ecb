import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { DateTimeResolver, EmailAddressResolver, IBANResolver, JSONResolver } from 'graphql-scalars';

const ROLE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

function requireRoleName(value: unknown): string {
  if (typeof value === 'string' && ROLE_NAME.test(value)) {
    return value;
  }
  throw new GraphQLError('A role name is a letter, followed by at most 63 letters, digits and "_"', {
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
