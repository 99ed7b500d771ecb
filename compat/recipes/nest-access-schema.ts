import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { GraphQLSchema } from 'graphql';
import { AppModule } from './nest-code-first.ts';

/** Starts the application without listening. @returns the schema that it serves */
async function build(): Promise<GraphQLSchema> {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.init();
  return app.get(GraphQLSchemaHost).schema;
}

export const schema = build();
