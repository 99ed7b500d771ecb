import { createRequire } from 'node:module';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { getDirective, mapSchema, MapperKind } from '@graphql-tools/utils';
import { defaultFieldResolver, execute, type GraphQLSchema, parse } from 'graphql';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';
import { type AccessViewer, authTypeDefs, guardSchema } from '../../src/access/index.ts';
import { spent } from './cpu.ts';
import { FIELDS, ROLES } from './large-schema.ts';
import { ROWS } from './turns.ts';

const [name = '', data] = process.argv.slice(2);

// A process that executes a list of rows with one schema, as often as it is told: `access.ts` starts one for each schema.

const LIST = `${ROLES}
  type Row @public { ${FIELDS.map((name) => `${name}: String @auth(requires: USER)`).join(' ')} }
  type Query @public { rows: [Row] }`;
const document = parse(`{ rows { ${FIELDS.join(' ')} } }`);
const rows = Array.from({ length: ROWS }, (_, row) =>
  Object.fromEntries(FIELDS.map((name) => [name, `${name} ${row}`])),
);
const contextValue: AccessViewer = { id: 'me', roles: ['ADMIN'], permissions: [] };

const resolver = (name: string) => (row: Readonly<Record<string, string>>) => row[name];

function plainSchema(): GraphQLSchema {
  const Row = Object.fromEntries(FIELDS.map((name) => [name, resolver(name)]));
  const resolvers = { Query: { rows: () => rows }, ...(data === 'resolvers' ? { Row } : {}) };
  return makeExecutableSchema({ typeDefs: [authTypeDefs, LIST], resolvers });
}

const RANKS = ['UNKNOWN', 'USER', 'ADMIN'];

const getUser = ({ roles: [role = ''] }: AccessViewer) => ({
  hasRole: (wanted: string) => RANKS.indexOf(role) >= RANKS.indexOf(wanted),
});

/** Guards a schema as graphql-tools documents it ("Enforcing Access Permissions"), with the user of each field. */
function textbook(schema: GraphQLSchema, isAsync: boolean): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config) => {
      const [directive] = getDirective(schema, config, 'auth') ?? [];
      if (directive === undefined) {
        return config;
      }
      const [requires = ''] = [directive['requires'] as string | string[]].flat();
      const { resolve = defaultFieldResolver } = config;
      const check = (context: AccessViewer): void => {
        if (!getUser(context).hasRole(requires)) {
          throw new Error('not authorized');
        }
      };
      const inTurn: typeof resolve = (source, args, context, info) => {
        check(context as AccessViewer);
        return resolve(source, args, context, info);
      };
      const later: typeof resolve = async (source, args, context, info) => {
        check(context as AccessViewer);
        return resolve(source, args, context, info);
      };
      return { ...config, resolve: isAsync ? later : inTurn };
    },
  });
}

function shielded(schema: GraphQLSchema): GraphQLSchema {
  // graphql-shield 7 imports a function that Node 23 removed from `util`; only its CommonJS build survives its absence.
  const require = createRequire(import.meta.url);
  Object.assign(require('node:util') as object, { isUndefined: (value: unknown) => value === undefined });
  const { applyMiddleware } = require('graphql-middleware') as typeof Middleware;
  const { rule, shield } = require('graphql-shield') as typeof Shield;
  const isUser = rule({ cache: 'contextual' })((_source, _args, context: { roles: string[] }) =>
    context.roles.includes('ADMIN'),
  );
  return applyMiddleware(schema, shield({ Row: Object.fromEntries(FIELDS.map((name) => [name, isUser])) }));
}

const GUARDS: Readonly<Record<string, (schema: GraphQLSchema) => GraphQLSchema>> = {
  plain: (schema) => schema,
  guarded: (schema) => guardSchema(schema, { viewer: (context: AccessViewer) => context }),
  textbook: (schema) => textbook(schema, false),
  'async textbook': (schema) => textbook(schema, true),
  shield: shielded,
};

const schema = GUARDS[name]?.(plainSchema());
if (schema === undefined) {
  throw new Error(`No guard is named "${name}"`);
}

/** Milliseconds for one execution, on average. */
async function time(executions: number): Promise<number> {
  const start = spent();
  for (let count = 0; count < executions; count += 1) {
    const { errors } = await execute({ schema: schema as GraphQLSchema, document, contextValue: { ...contextValue } });
    if (errors !== undefined) {
      throw errors[0] ?? new Error('no answer');
    }
  }
  return (spent() - start) / executions;
}

process.on('message', (executions: number) => {
  void time(executions).then((result) => process.send?.(result));
});
