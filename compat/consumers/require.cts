import access = require('rolegate/access');
import testing = require('rolegate/testing');
import graphql = require('graphql');
import type { Permission, Role } from './access-types.js' with { 'resolution-mode': 'require' };

// What adopters write in CommonJS with `verbatimModuleSyntax`. Compiled, and not run.

interface Context {
  readonly viewer: access.AccessViewer<Role, Permission>;
}

const schema: graphql.GraphQLSchema = access.guardSchema<Context, Role, Permission>(
  graphql.buildSchema(access.authTypeDefs),
  { viewer: ({ viewer }) => viewer },
);

export = { schema, attack: async () => testing.attackSchema<Role, Permission>({ schema, oneIn: 10 }) };
