import type { GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { policyOf, type RolegatePluginOptions, useRolegate } from '../../src/access/index.ts';
import { executable, guarded, viewer } from './support.ts';

const SDL = 'type Query @public { open: Int secret: Int @auth(requires: ADMIN) }';
const resolvers = { Query: { open: () => 1, secret: () => 2 } };

type Options = Partial<RolegatePluginOptions<unknown, { readonly request: Request }>>;
type Ask = (role: string, query: string) => Promise<unknown>;

const byHeader = ({ request }: { readonly request: Request }) => viewer(request.headers.get('role') ?? []);

/** Asks a GraphQL Yoga server with the plugin, as a viewer whose role is a header. */
function serverOf(schema: GraphQLSchema, options: Options = {}, plugins: readonly Plugin[] = []): Ask {
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [...plugins, useRolegate({ viewer: byHeader as never, ...options })],
  });
  return async (role, query) => {
    const headers = { 'content-type': 'application/json', role };
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    return response.json();
  };
}

const DENIED = { data: { secret: null }, errors: [{ extensions: { code: 'FORBIDDEN', coordinate: 'Query.secret' } }] };
const UNKNOWN = { errors: [{ message: 'Cannot query field "secret" on type "Query".' }] };

describe('useRolegate in a server', () => {
  test('guards the schema that the server has', async () => {
    const ask = serverOf(executable(SDL, resolvers));
    expect(await ask('USER', '{ secret }')).toMatchObject(DENIED);
    expect(await ask('ADMIN', '{ open secret }')).toEqual({ data: { open: 1, secret: 2 } });
  });

  test('with visibleTo each viewer has their own schema, one request after the other', async () => {
    const ask = serverOf(executable(SDL, resolvers), { visibleTo: byHeader });
    for (let round = 0; round < 2; round += 1) {
      expect(await ask('USER', '{ secret }')).toMatchObject(UNKNOWN);
      expect(await ask('USER', '{ open }')).toEqual({ data: { open: 1 } });
      expect(await ask('ADMIN', '{ secret }')).toEqual({ data: { secret: 2 } });
    }
  });

  test('with visibleTo an observing guard hides nothing', async () => {
    const ask = serverOf(executable(SDL, resolvers), { visibleTo: byHeader, enforcement: 'observe' });
    expect(await ask('USER', '{ open secret }')).toEqual({ data: { open: 1, secret: 2 } });
  });

  test('guards what another plugin has put in place of the schema', async () => {
    const other = executable(SDL, { Query: { secret: () => 3 } });
    const replacing: Plugin = { onPluginInit: ({ setSchema }) => setSchema(other) };
    const ask = serverOf(executable(SDL, resolvers), {}, [replacing]);
    expect(await ask('ADMIN', '{ secret }')).toEqual({ data: { secret: 3 } });
    expect(await ask('USER', '{ secret }')).toMatchObject(DENIED);
  });
});

/** Reports a schema to the plugin, and returns the schema by which it is replaced; null if it is kept. */
function replaced(plugin: ReturnType<typeof useRolegate>, schema: GraphQLSchema): GraphQLSchema | null {
  let result: GraphQLSchema | null = null;
  plugin.onSchemaChange({ schema, replaceSchema: (next: GraphQLSchema) => void (result = next) });
  return result;
}
/** Returns the schema of one request; null if it is the schema of the server. */
function ofRequest(plugin: ReturnType<typeof useRolegate>): GraphQLSchema | null {
  let result: GraphQLSchema | null = null;
  plugin.onEnveloped({ context: {}, setSchema: (next: GraphQLSchema) => void (result = next) });
  return result;
}
const fieldsOf = (schema: GraphQLSchema | null) => Object.keys(schema?.getQueryType()?.getFields() ?? {});

describe('useRolegate, as Envelop calls it', () => {
  test('keeps a schema that is guarded already, and prunes it for each viewer', () => {
    const plugin = useRolegate({ viewer: () => viewer(), visibleTo: () => viewer() });
    expect(replaced(plugin, guarded(SDL, resolvers))).toBeNull();
    expect(fieldsOf(ofRequest(plugin))).toEqual(['open']);
  });

  test('guards the schema again when the server gets another one, but not the schema of a request', () => {
    const plugin = useRolegate({ viewer: () => viewer(), visibleTo: () => viewer() });
    const first = replaced(plugin, executable(SDL, resolvers));
    expect(first && policyOf(first)).not.toBeNull();
    const visible = ofRequest(plugin);
    expect(visible && replaced(plugin, visible)).toBeNull();
    expect(fieldsOf(first)).toEqual(['open', 'secret']);
    const next = replaced(plugin, executable(SDL.replace('open', 'next'), {}));
    expect(next && policyOf(next)).not.toBeNull();
    expect(fieldsOf(ofRequest(plugin))).toEqual(['next']);
  });

  test('shows a later viewer more than the viewer of the request before', () => {
    let role = 'USER';
    const plugin = useRolegate({ viewer: () => viewer(role), visibleTo: () => viewer(role) });
    replaced(plugin, executable(SDL, resolvers));
    const narrow = ofRequest(plugin);
    expect(narrow && replaced(plugin, narrow)).toBeNull();
    role = 'ADMIN';
    expect(fieldsOf(ofRequest(plugin))).toEqual(['open', 'secret']);
  });

  test('leaves a request alone while the server has no schema, or nothing is pruned', () => {
    const plugin = useRolegate({ viewer: () => viewer(), visibleTo: () => viewer() });
    expect(ofRequest(plugin)).toBeNull();
    const whole = useRolegate({ viewer: () => viewer() });
    replaced(whole, executable(SDL, resolvers));
    expect(ofRequest(whole)).toBeNull();
  });
});
