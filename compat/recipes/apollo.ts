import { ApolloServer } from '@apollo/server';
import { assertGuarded } from 'rolegate/access';
import type { Context } from './data.ts';
import { schema } from './schema.ts';

assertGuarded(schema);
export const server = new ApolloServer<Context>({ schema });
