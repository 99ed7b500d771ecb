import { ApolloServer } from '@apollo/server';
import { type Context, schema } from './schema.ts';

export const server = new ApolloServer<Context>({ schema });
