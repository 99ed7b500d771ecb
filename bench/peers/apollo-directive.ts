/** Apollo Server on Fastify, and the directive of graphql-tools' documentation ("Enforcing Access Permissions"). */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import { serveByApollo } from './apollo.ts';
import { type Context, resolvers, typeDefsWith } from './schema.ts';

const typeDefs = [
  'directive @auth(requires: Role!) on OBJECT | FIELD_DEFINITION',
  typeDefsWith((role) => `@auth(requires: ${role})`),
];

function guarded(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field) => {
      const auth = getDirective(schema, field, 'auth')?.[0];
      if (auth === undefined) {
        return field;
      }
      const requires = auth['requires'] as string;
      const { resolve = defaultFieldResolver } = field;
      return {
        ...field,
        async resolve(source, args, context: Context, info) {
          if (context.viewer?.roles.has(requires) !== true) {
            throw new Error('not authorized');
          }
          return resolve(source, args, context, info);
        },
      };
    },
  });
}

await serveByApollo(guarded(makeExecutableSchema({ typeDefs, resolvers })));
