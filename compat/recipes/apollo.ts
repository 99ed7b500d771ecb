import { ApolloServer } from '@apollo/server';
import type { Context } from './data.ts';
import { schema } from './schema.ts';

export const server = new ApolloServer<Context>({ schema });
