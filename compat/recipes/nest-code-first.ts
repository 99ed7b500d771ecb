import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { Args, Directive, Field, GraphQLModule, ID, Int, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { GraphQLEnumType } from 'graphql';
import type { IncomingMessage } from 'node:http';
import { authDirectives, guardSchema } from 'rolegate/access';
import { articles, type Context, notes, publish, viewer } from './data.ts';
import { userNamed } from './users.ts';

export const Role = new GraphQLEnumType({
  name: 'Role',
  values: { ADMIN: { extensions: { directives: { inherits: { roles: ['EDITOR'] } } } }, EDITOR: {} },
});

@Directive('@public')
@ObjectType()
class Article {
  @Field(() => String)
  title!: string;

  @Directive('@auth(requires: EDITOR)')
  @Field(() => String, { nullable: true })
  draft!: string;

  @Directive('@auth(permissions: "stats:read")')
  @Field(() => Int, { nullable: true })
  views!: number;
}

@Directive('@auth(requires: ADMIN, owner: "by")')
@ObjectType()
class Note {
  @Field(() => ID, { nullable: true })
  by!: string;

  @Field(() => String, { nullable: true })
  text!: string;
}

@Resolver()
export class ArticleResolver {
  @Directive('@public')
  @Query(() => [Article], { nullable: true })
  articles(): Article[] {
    return articles;
  }

  @Directive('@public')
  @Query(() => [Note], { nullable: 'itemsAndList' })
  notes(): Note[] {
    return notes;
  }

  @Directive('@auth(requires: EDITOR)')
  @Mutation(() => Article, { nullable: true })
  publish(@Args('title', { type: () => String }) title: string): Article {
    return publish(title);
  }
}

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      buildSchemaOptions: { directives: authDirectives(Role) },
      context: ({ req }: { req: IncomingMessage }): Context => ({ user: userNamed(req.headers['x-user']) }),
      transformSchema: (schema) => guardSchema<Context>(schema, { viewer }),
    }),
  ],
  providers: [ArticleResolver],
})
export class AppModule {}
