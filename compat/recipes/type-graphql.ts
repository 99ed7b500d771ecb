import 'reflect-metadata';
import { GraphQLEnumType, specifiedDirectives } from 'graphql';
import { authDirectives, guardSchema } from 'rolegate/access';
import { Arg, buildSchema, Directive, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { articles, type Context, notes, publish, viewer } from './data.ts';

const Role = new GraphQLEnumType({
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
class ArticleResolver {
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
  publish(@Arg('title', () => String) title: string): Article {
    return publish(title);
  }
}

const built = await buildSchema({
  resolvers: [ArticleResolver],
  directives: [...specifiedDirectives, ...authDirectives(Role)],
});
export const schema = guardSchema<Context>(built, { viewer });
