import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/graphql/limits.ts';
import { startToyServer, type ToyAnswer } from '../support/toy-server.ts';
import { deep, FAMILIES, nested, times } from './limit-families.ts';

const { operations, tokens } = DEFAULT_LIMITS;

/** Introspection of types within types. */
function ofTypes(levels: number): string {
  return `{ __schema { types { fields { type { ${nested('ofType { ', 'name', ' }', levels)} } } } } }`;
}

function firstError({ body }: ToyAnswer): { message?: string; extensions?: Record<string, unknown> } {
  return body.errors?.[0] ?? {};
}

describe.each(Object.entries(FAMILIES))('%s', (limit, { within, beyond }) => {
  it('documents within the limit are executed', async () => {
    const server = await startToyServer();
    for (const document of within) {
      expect(await server.query(document)).toMatchObject({ status: 200, body: { data: {} } });
    }
  });

  it.each(beyond)('a document beyond the limit is refused: %#', async (document) => {
    const server = await startToyServer();
    const start = performance.now();
    const answer = await server.query(document);
    process.stdout.write(
      `${limit}: ${document.length} characters refused in ${Math.round(performance.now() - start)} ms\n`,
    );
    expect(answer.status).toBe(400);
    expect(answer.body).not.toHaveProperty('data');
    expect(answer.body.errors).toHaveLength(1);
    expect(firstError(answer).extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', limit });
    expect(server.resolved).toEqual([]);
  });
});

it('a document may hold as many operations as the limit says', async () => {
  const server = await startToyServer();
  const answer = await server.http.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query: times(operations, (i) => `query Q${i} { hello }`), operationName: 'Q3' },
  });
  expect(answer.json()).toEqual({ data: { hello: 'hello' } });
});

describe('a document that was refused', () => {
  it('a refused document is refused again, and does not affect others', async () => {
    const server = await startToyServer();
    for (let round = 0; round < 3; round += 1) {
      expect((await server.query(deep(100))).status).toBe(400);
      expect((await server.query('{ hello }')).status).toBe(200);
    }
  });
});

describe('tokens', () => {
  it.each([
    ['fields', `mutation { ${times(1000, (i) => `a${i}: login(login: "x", password: "y")`)} }`],
    ['names', `{ ${times(tokens, () => 'hello')} }`],
    ['punctuation', `{ takes(list: [${'[1]'.repeat(tokens)}]) }`],
  ])('a document with too many %s is refused by its tokens', async (_, document) => {
    const server = await startToyServer();
    const answer = await server.query(document);
    expect(answer.status).toBe(400);
    expect(firstError(answer).extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', limit: 'tokens' });
    expect(server.resolved).toEqual([]);
  });

  it.each([
    ['brackets', '{ takes(list: '.concat('['.repeat(200_000))],
    ['selection sets', '{ node '.repeat(50_000)],
  ])('a document of %s without end is refused, whichever limit it meets first', async (_, document) => {
    const server = await startToyServer();
    const answer = await server.query(document);
    expect(answer.status).toBe(400);
    expect(firstError(answer).message).toMatch(/nested too deeply|tokens/);
  });

  it('comments do not count as tokens', async () => {
    const server = await startToyServer();
    expect((await server.query(`{ hello } #${'x'.repeat(400_000)}`)).status).toBe(200);
  });
});

describe('introspection', () => {
  it('introspection by tools passes', async () => {
    const server = await startToyServer();
    const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, oneOf: true };
    const answer = await server.query(getIntrospectionQuery({ ...options, inputValueDeprecation: true }));
    expect(answer).toMatchObject({ status: 200, body: { data: { __schema: {} } } });
  });

  it('introspection has a depth of its own', async () => {
    const server = await startToyServer();
    expect((await server.query(ofTypes(9))).status).toBe(200);
    expect(firstError(await server.query(ofTypes(30))).extensions).toMatchObject({ limit: 'depth' });
  });
});

describe('cost', () => {
  const TWO_PAGES = 'query ($n: Int = 1) { nodes(first: $n) { nodes { children(first: $n) { nodes { id } } } } }';

  it.each([
    [{ n: 200 }, 400],
    [{ n: 1_000_000 }, 400],
    [{ n: 2 }, 200],
    [{}, 200],
    [{ n: null }, 200],
    [{ n: -5 }, 200],
  ])('pages that are requested with %o are estimated for each request', async (variables, status) => {
    const server = await startToyServer();
    expect((await server.query(TWO_PAGES, { n: 3 })).status).toBe(200);
    const answer = await server.query(TWO_PAGES, variables);
    expect(answer.status).toBe(status);
    expect(firstError(answer).extensions?.['limit']).toBe(status === 400 ? 'cost' : undefined);
  });

  it('page sizes that are not valid are left to the service that checks them', async () => {
    const server = await startToyServer();
    expect((await server.query('{ nodes(first: 100000) { nodes { id } } }')).status).toBe(200);
  });

  it('a field that is selected twice at one place counts once', async () => {
    const server = await startToyServer();
    const document = `{ nodes(first: 200) { nodes { ${times(45, () => 'id')} ${times(45, () => 'parent { id }')} } } }`;
    expect((await server.query(document)).status).toBe(200);
  });
});

describe('variables', () => {
  const DATA = 'query ($d: JSON, $s: String) { takes(data: $d) hello(name: $s) }';

  it.each([
    ['NUL', '{"s":"a\\u0000b"}', 's'],
    ['NUL deep inside', '{"d":{"a":[{"b":"\\u0000"}]}}', 'd'],
    ['NUL in a key', '{"d":{"a":{"\\u0000":1}}}', 'd'],
    ['half of a surrogate pair', '{"s":"\\ud800"}', 's'],
    ['the other half', '{"s":"\\udc00x"}', 's'],
    ['halves in the wrong order', '{"d":["\\ude00\\ud83d"]}', 'd'],
    ['lists without end', `{"d":${nested('[', '', ']', 50_000)}}`, 'd'],
    ['objects without end', `{"d":${nested('{"a":', '1', '}', 50_000)}}`, 'd'],
  ])('variables with %s are refused by name', async (_, variables, name) => {
    const server = await startToyServer();
    const answer = await server.http.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json' },
      payload: `{"query":${JSON.stringify(DATA)},"variables":${variables}}`,
    });
    expect(answer.statusCode).toBe(400);
    const [error] = answer.json<{ errors: { message: string; extensions: object }[] }>().errors;
    expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(error?.message).toContain(`"$${name}"`);
    expect(server.resolved).toEqual([]);
  });

  it('variables with complete surrogate pairs and empty containers are accepted', async () => {
    const server = await startToyServer();
    expect((await server.query(DATA, { s: '😀', d: { a: [], b: {}, c: [null, '\t'] } })).status).toBe(200);
  });
});
