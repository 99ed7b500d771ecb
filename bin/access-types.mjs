// A plugin for GraphQL Code Generator: the unions Role, Permission and Coordinate.
import { policyTypes, readPolicy } from '../src/access/index.ts';

export const plugin = (schema) => policyTypes(readPolicy(schema));
