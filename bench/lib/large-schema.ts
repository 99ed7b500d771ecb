import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { authTypeDefs } from '../../src/access/index.ts';

/** The fields of each type. */
export const FIELDS = Array.from({ length: 10 }, (_, index) => `f${index}`);

export const ROLES = 'enum Role { ADMIN @inherits(roles: ["USER"]) USER }';

const requirement = (index: number): string =>
  `@auth(requires: ${index % 2 ? 'USER' : 'ADMIN'}, permissions: "p${index % 40}")`;

/** Generates types of 10 fields each, with 40 different requirements. */
export function largeSchema(size: number): GraphQLSchema {
  const types = Array.from({ length: size }, (_, type) => {
    const fields = FIELDS.map((name, index) => `${name}(a: Int): String ${requirement(type * 10 + index)}`);
    return `type T${type} @public { ${fields.join(' ')} } extend type Query { t${type}: T${type} }`;
  });
  return makeExecutableSchema({ typeDefs: [authTypeDefs, ROLES, 'type Query @public', ...types] });
}
