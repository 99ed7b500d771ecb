import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { Args, GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { IncomingMessage } from 'node:http';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { articles, type Context, notes, publish, viewer } from './data.ts';
import { userNamed } from './users.ts';

export const typeDefs = `
  enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
  type Article @public { title: String! draft: String @auth(requires: EDITOR) views: Int @auth(permissions: "stats:read") }
  type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String }
  type Query { articles: [Article!] @public notes: [Note] @public }
  type Mutation { publish(title: String!): Article @auth(requires: EDITOR) }
`;

@Resolver()
export class ArticleResolver {
  @Query('articles')
  articles() {
    return articles;
  }

  @Query('notes')
  notes() {
    return notes;
  }

  @Mutation('publish')
  publish(@Args('title') title: string) {
    return publish(title);
  }
}

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      typeDefs: [authTypeDefs, typeDefs],
      context: ({ req }: { req: IncomingMessage }): Context => ({ user: userNamed(req.headers['x-user']) }),
      transformSchema: (schema) => guardSchema<Context>(schema, { viewer }),
    }),
  ],
  providers: [ArticleResolver],
})
export class AppModule {}
