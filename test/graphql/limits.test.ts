import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type LimitName } from '../../src/graphql/limits.ts';
import { startToyServer, type ToyAnswer } from '../support/toy-server.ts';

function times(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(' ');
}

function nested(open: string, core: string, close: string, count: number): string {
  return open.repeat(count) + core + close.repeat(count);
}

/** `levels` fields within each other. */
function deep(levels: number): string {
  return `{ node { ${nested('parent { ', 'id', ' }', levels - 2)} } }`;
}

/** Introspection of types within types. */
function ofTypes(levels: number): string {
  return `{ __schema { types { fields { type { ${nested('ofType { ', 'name', ' }', levels)} } } } } }`;
}

const { aliases, depth, directives, duplicates, nameLength, operations, rootFields, tokens, valueDepth } =
  DEFAULT_LIMITS;

/** Each family of documents that ask for too much: one just within the limit, and several beyond it. */
const FAMILIES: Record<Exclude<LimitName, 'tokens' | 'introspectionDepth'>, { within: string[]; beyond: string[] }> = {
  aliases: {
    within: [`{ ${times(aliases, (i) => `a${i}: hello`)} }`],
    beyond: [
      `{ ${times(aliases + 1, (i) => `a${i}: hello`)} }`,
      `mutation { ${times(300, (i) => `a${i}: login(login: "x", password: "y")`)} }`,
      `{ node { ...F } } fragment F on Node { ${times(aliases + 1, (i) => `a${i}: id`)} }`,
      `{ node { ... { ... { ${times(aliases + 1, (i) => `a${i}: id`)} } } } }`,
      `{ ${times(aliases + 1, (i) => `a${i}: __typename`)} }`,
      `query A { ${times(aliases, (i) => `a${i}: hello`)} } query B { b: hello }`,
    ],
  },
  depth: {
    within: [deep(depth), `{ ...F } fragment F on Query ${deep(depth)}`],
    beyond: [
      deep(depth + 1),
      deep(1000),
      `{ __schema { types { name } } ${deep(depth + 1).slice(1)}`,
      `{ node { ...F0 } } ${times(depth, (i) => `fragment F${i} on Node { parent { ...F${i + 1} } }`)} fragment F${depth} on Node { id }`,
      `query A { hello } query B ${deep(depth + 1)}`,
      `{ hello } fragment Unused on Node { ${nested('parent { ', 'id', ' }', 30)} }`,
      deep(depth + 1).replace('{ node', '{ node @include(if: false)'),
    ],
  },
  duplicates: {
    within: [`{ ${times(duplicates, () => 'hello')} }`],
    beyond: [
      `{ ${times(duplicates + 1, () => 'hello')} }`,
      `{ ${times(600, () => 'hello(name: "x")')} }`,
      `{ node { ${times(duplicates + 1, (i) => `...F${i}`)} } } ${times(duplicates + 1, (i) => `fragment F${i} on Node { name }`)}`,
      `{ node { ${times(duplicates + 1, () => '...F')} } } fragment F on Node { name }`,
      `{ node { ${times(8, () => `parent { ${times(8, () => 'name')} }`)} } }`,
      // 3^18 fields, were they all visited; 2^25.
      `{ node { ...F0 } } ${times(18, (i) => `fragment F${i} on Node { id ...F${i + 1} ...F${i + 1} ...F${i + 1} }`)} fragment F18 on Node { __typename }`,
      `{ node { ...F0 } } ${times(25, (i) => `fragment F${i} on Node { ... { ...F${i + 1} } ... { ...F${i + 1} } }`)} fragment F25 on Node { id }`,
      `{ hello } fragment Unused on Node { ${times(600, () => 'name')} }`,
      `{ node { ...F } } fragment F on Node { ${times(600, () => 'name')} } fragment F on Node { id }`,
    ],
  },
  rootFields: {
    within: [`{ ${times(rootFields, (i) => `a${i}: hello`)} }`],
    beyond: [
      `{ __typename nothing ${times(rootFields - 1, (i) => `a${i}: hello`)} }`,
      `mutation { login(login: "x", password: "y") ${times(rootFields, (i) => `a${i}: throws(what: "x")`)} }`,
    ],
  },
  directives: {
    within: [`{ hello @include(if: true) @skip(if: false) }`],
    beyond: [
      `{ hello ${times(directives + 1, () => '@include(if: true)')} }`,
      `{ ... ${times(directives + 1, () => '@skip(if: false)')} { hello } }`,
      `{ ...F ${times(directives + 1, () => '@skip(if: false)')} } fragment F on Query { hello }`,
      `query ${times(directives + 1, (i) => `@unknown${i}`)} { hello }`,
      `query ($a: Int ${times(directives + 1, (i) => `@unknown${i}`)}) { takes(int: $a) }`,
      `{ ...F } fragment F on Query ${times(directives + 1, (i) => `@unknown${i}`)} { hello }`,
    ],
  },
  selections: {
    within: [],
    beyond: [
      `{ node { ${times(49, () => '...F0')} } } ${times(45, (i) => `fragment F${i} on Node { ...F${i + 1} }`)} fragment F45 on Node { id }`,
      `{ node { ...F } } fragment F on Node { ${nested('... { ', 'id', ' }', 900)} } query B { node { ...F ...F ...F } }`,
      times(
        20,
        (i) =>
          `query Q${i} { node { ${times(49, () => 'id')} ${times(49, () => 'name')} ${times(9, () => '__typename')} } }`,
      ),
    ],
  },
  nameLength: {
    within: [`{ ${'a'.repeat(nameLength)}: hello }`],
    beyond: [
      `{ ${'a'.repeat(nameLength + 1)}: hello }`,
      `query ${'a'.repeat(400_000)} { hello }`,
      `{ node { ...F } } fragment F on Node { ${'a'.repeat(nameLength + 1)}: id }`,
      `query ($${'a'.repeat(nameLength + 1)}: String) { hello }`,
    ],
  },
  operations: {
    within: [],
    beyond: [
      times(operations + 1, (i) => `query Q${i} { hello }`),
      times(300, (i) => `mutation Q${i} { throws(what: "x") }`),
    ],
  },
  fragmentCycle: {
    within: ['{ node { ...A ...B } } fragment A on Node { parent { ...B } } fragment B on Node { id }'],
    beyond: [
      '{ ...F } fragment F on Query { ...F }',
      '{ node { ...A } } fragment A on Node { parent { ...B } } fragment B on Node { ... { ...A } }',
      '{ hello } fragment A on Node { ...B } fragment B on Node { ...A }',
      '{ node { ...A } } fragment A on Node { id ...A } fragment A on Node { id }',
    ],
  },
  valueDepth: {
    within: [`{ takes(data: ${nested('[', '1', ']', valueDepth)}) }`],
    beyond: [
      `{ takes(data: ${nested('[', '1', ']', valueDepth + 1)}) }`,
      `{ takes(data: ${nested('{ a: ', '1', ' }', valueDepth + 1)}) }`,
      `{ takes(data: ${nested('[{ a: ', '1', ' }]', valueDepth)}) }`,
      `query ($d: JSON = ${nested('[', '1', ']', 500)}) { takes(data: $d) }`,
      `{ hello @include(if: ${nested('[', 'true', ']', 500)}) }`,
    ],
  },
  cost: {
    within: ['{ nodes(first: 200) { nodes { children(first: 20) { nodes { id name } } } } }', deep(12)],
    beyond: [
      '{ nodes(first: 200) { nodes { children(first: 200) { nodes { id } } } } }',
      '{ nodes(last: 200) { edges { node { children(last: 200) { edges { node { id } } } } } } }',
      '{ nodes(first: 1, last: 200) { nodes { children(first: 200) { nodes { id } } } } }',
      '{ nodes(first: 200) { nodes { ...F } } } fragment F on Node { children(first: 200) { nodes { id } } }',
      '{ node { list { list { list { list { list { id } } } } } } }',
      '{ nodes { nodes { children { nodes { children { nodes { children { nodes { id } } } } } } } } }',
      `{ ${times(20, (i) => `a${i}: nodes(first: 200) { nodes { list { id } } }`)} }`,
      'query ($n: Int = 200) { nodes(first: $n) { nodes { children(first: $n) { nodes { id } } } } }',
    ],
  },
  text: {
    within: ['{ hello(name: "tab \\t and \\uD83D\\uDE00") }'],
    beyond: [
      '{ hello(name: "a\\u0000b") }',
      '{ takes(data: { a: ["\\u{0}"] }) }',
      'query ($n: String = "\\u0000") { hello(name: $n) }',
    ],
  },
};

function firstError({ body }: ToyAnswer): { message?: string; extensions?: Record<string, unknown> } {
  return body.errors?.[0] ?? {};
}

describe.each(Object.entries(FAMILIES))('%s', (limit, { within, beyond }) => {
  it('is enough for what is within', async () => {
    const server = await startToyServer();
    for (const document of within) {
      expect(await server.query(document)).toMatchObject({ status: 200, body: { data: {} } });
    }
  });

  it.each(beyond)('is passed by %#', async (document) => {
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

it('as many operations as are allowed stand in one document', async () => {
  const server = await startToyServer();
  const answer = await server.http.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query: times(operations, (i) => `query Q${i} { hello }`), operationName: 'Q3' },
  });
  expect(answer.json()).toEqual({ data: { hello: 'hello' } });
});

describe('a document that was refused', () => {
  it('is refused again, and does not stand in the way of others', async () => {
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
  ])('of too many %s', async (_, document) => {
    const server = await startToyServer();
    const answer = await server.query(document);
    expect(answer.status).toBe(400);
    expect(firstError(answer).extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', limit: 'tokens' });
    expect(server.resolved).toEqual([]);
  });

  it.each([
    ['brackets', '{ takes(list: '.concat('['.repeat(200_000))],
    ['selection sets', '{ node '.repeat(50_000)],
  ])('of %s without end are refused, whichever limit they meet first', async (_, document) => {
    const server = await startToyServer();
    const answer = await server.query(document);
    expect(answer.status).toBe(400);
    expect(firstError(answer).message).toMatch(/nests too deep|tokens/);
  });

  it('are not counted where there are none', async () => {
    const server = await startToyServer();
    expect((await server.query(`{ hello } #${'x'.repeat(400_000)}`)).status).toBe(200);
  });
});

describe('introspection', () => {
  it('by tools passes', async () => {
    const server = await startToyServer();
    const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, oneOf: true };
    const answer = await server.query(getIntrospectionQuery({ ...options, inputValueDeprecation: true }));
    expect(answer).toMatchObject({ status: 200, body: { data: { __schema: {} } } });
  });

  it('has a depth of its own', async () => {
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
  ])('of pages asked for with %o is weighed for each request', async (variables, status) => {
    const server = await startToyServer();
    expect((await server.query(TWO_PAGES, { n: 3 })).status).toBe(200);
    const answer = await server.query(TWO_PAGES, variables);
    expect(answer.status).toBe(status);
    expect(firstError(answer).extensions?.['limit']).toBe(status === 400 ? 'cost' : undefined);
  });

  it('leaves page sizes to the service that knows them', async () => {
    const server = await startToyServer();
    expect((await server.query('{ nodes(first: 100000) { nodes { id } } }')).status).toBe(200);
  });

  it('counts what is selected twice at one place once', async () => {
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
  ])('with %s are refused by name', async (_, variables, name) => {
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

  it('with whole surrogate pairs and empty containers are fine', async () => {
    const server = await startToyServer();
    expect((await server.query(DATA, { s: '😀', d: { a: [], b: {}, c: [null, '\t'] } })).status).toBe(200);
  });
});
