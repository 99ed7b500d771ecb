import { after, test } from 'node:test';
import { ApolloFederationDriver } from '@nestjs/apollo';
import { Module, type Type } from '@nestjs/common';
import { type AbstractGraphQLDriver, GraphQLModule, type GqlModuleOptions } from '@nestjs/graphql';
import { NestFactory } from '@nestjs/core';
import { MercuriusDriver, MercuriusFederationDriver } from '@nestjs/mercurius';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { IncomingMessage } from 'node:http';
import { authDirectives, authTypeDefs, guardSchema } from 'rolegate/access';
import { type Context, viewer } from '../recipes/data.ts';
import { ArticleResolver as CodeFirst, Role } from '../recipes/nest-code-first.ts';
import { ArticleResolver as SchemaFirst, typeDefs } from '../recipes/nest-schema-first.ts';
import { userNamed } from '../recipes/users.ts';
import { expectGuarded } from './guarded.ts';
import { askAt } from './http.ts';

/** Returns the resolvers and the options of the two ways to write a schema. */
const schemaFirst = (): [Type, GqlModuleOptions] => [SchemaFirst, { typeDefs: [authTypeDefs, typeDefs] }];
const codeFirst = (autoSchemaFile: true | { federation: 2 }): [Type, GqlModuleOptions] => [
  CodeFirst,
  { autoSchemaFile, buildSchemaOptions: { directives: authDirectives(Role) } },
];

/** `MercuriusFederationDriver` starts no code-first schema in this version, guarded or not. */
const CASES: readonly (readonly [string, Type<AbstractGraphQLDriver>, [Type, GqlModuleOptions]])[] = [
  ['MercuriusDriver, schema first', MercuriusDriver, schemaFirst()],
  ['MercuriusDriver, code first', MercuriusDriver, codeFirst(true)],
  ['ApolloFederationDriver, schema first', ApolloFederationDriver, schemaFirst()],
  ['ApolloFederationDriver, code first', ApolloFederationDriver, codeFirst({ federation: 2 })],
  ['MercuriusFederationDriver, schema first', MercuriusFederationDriver, schemaFirst()],
];

for (const [name, driver, [resolvers, options]] of CASES) {
  test(`NestJS, ${name}`, async () => {
    const graphql = GraphQLModule.forRoot({
      ...options,
      driver,
      // Mercurius gives the request, Apollo Server an object that holds it.
      context: (given: IncomingMessage & { readonly req?: IncomingMessage }): Context => ({
        user: userNamed((given.req ?? given).headers['x-user']),
      }),
      transformSchema: (schema) => guardSchema<Context>(schema, { viewer }),
    });
    @Module({ imports: [graphql], providers: [resolvers] })
    class AppModule {}
    const adapter = name.startsWith('Mercurius') ? new FastifyAdapter() : undefined;
    const settings = { logger: ['error' as const], abortOnError: false };
    const app = await (adapter === undefined
      ? NestFactory.create(AppModule, settings)
      : NestFactory.create(AppModule, adapter, settings));
    after(() => app.close());
    await app.listen(0, '127.0.0.1');
    await expectGuarded(askAt(`${await app.getUrl()}/graphql`));
  });
}
