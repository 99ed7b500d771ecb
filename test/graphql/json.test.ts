import { parseValue } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson, parseJsonLiteral } from '../../src/graphql/scalars.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { change } from '../support/rows.ts';

const literal = (text: string, variables = {}): unknown => parseJsonLiteral(parseValue(text), variables);

describe('a JSON literal', () => {
  it.each([
    ['{ a: [1, -2.5, "x", true, null, { b: [] }] }', { a: [1, -2.5, 'x', true, null, { b: [] }] }],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['0.1', 0.1],
    ['0.10', 0.1],
    ['1e3', 1000],
    ['1.50E+2', 150],
    ['0.5e-300', 0.5e-300],
    ['-0', 0],
    ['0.0', 0],
    ['"""block\n  text"""', 'block\ntext'],
  ])('a literal is kept exactly: %s', (text, value) => {
    expect(JSON.parse(JSON.stringify(literal(text)))).toEqual(value);
  });

  it.each([
    ['9007199254740993'],
    ['-9007199254740993'],
    ['9007199254740992'],
    ['{ a: [{ b: 9007199254740993 }] }'],
    ['100000000000000000001'],
    ['1e21'],
    ['0.1000000000000000055511151231257827'],
    ['3.14159265358979323846'],
    ['1e400'],
    ['1e-400'],
    [`1e-${'9'.repeat(100_000)}`],
    [`0.${'1'.repeat(100_000)}`],
  ])('a literal is refused where a double would alter it: %.40s', (text) => {
    expect(() => literal(text)).toThrow('kept exactly');
  });

  it.each(['B', '[NEW]', '{ count: 1, grade: B }', '{ a: { b: ON } }', '[["x", NaN]]', 'undefined'])(
    'a literal is refused where it has a name without quotes: %s',
    (text) => {
      expect(() => literal(text)).toThrow('without quotes');
    },
  );

  it('a literal may contain variables, which must be JSON too', () => {
    expect(literal('{ a: $a }', { a: [1] })).toEqual({ a: [1] });
    expect(() => literal('{ a: $a }', { a: new Date() })).toThrow('variable within JSON');
    expect(() => literal('{ a: $a }', { a: 2 ** 53 })).toThrow('kept exactly');
  });
});

describe('a JSON variable', () => {
  it.each([[1e16], [{ a: [2 ** 53] }], [Infinity], [-1e20]])(
    'a variable is refused where its number was rounded: %j',
    (value) => {
      expect(() => parseJson(value)).toThrow('kept exactly');
    },
  );

  it('a variable may be deeply nested, and may hold fractions', () => {
    const deep = JSON.parse('['.repeat(5_000) + '0.1' + ']'.repeat(5_000));
    expect(parseJson(deep)).toBe(deep);
  });
});

const add = (data: string) => `mutation { addInventoryItem(input: { name: "Anvil", data: ${data} }) { data } }`;

describe('over HTTP', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
    await change(app, 'delete from inventory_items');
  });
  afterAll(() => app.close());

  const ADD = 'mutation ($data: JSON!) { addInventoryItem(input: { name: "Anvil", data: $data }) { data } }';

  it.each([
    ['{ count: 5, grade: B, tags: [NEW, "x"], nested: { a: ON } }', 'without quotes'],
    ['{ count: 5, big: 9007199254740993 }', 'kept exactly'],
  ])('a literal that cannot be kept is refused over HTTP with the reason: %s', async (data, reason) => {
    const { status, body } = await app.as('MANAGER').request(add(data));
    expect(status).toBe(400);
    expect(body.errors?.[0]).toMatchObject({
      message: expect.stringContaining(reason),
      locations: [{ line: 1, column: expect.any(Number) }],
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  it('a variable that cannot be kept is refused over HTTP with its name', async () => {
    const { status, body } = await app.as('MANAGER').request(ADD, { data: { count: 1, big: 2 ** 53 } });
    expect(status).toBe(400);
    expect(body.errors?.[0]).toMatchObject({
      message: expect.stringMatching(/^Variable "\$data" is not valid: .*kept exactly/),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it.each([
    ['mutation { login(login: "guest", password: "x", roles: ["night shift"]) { accessToken } }', {}],
    ['mutation { login(login: "guest", password: "x", roles: [5]) { accessToken } }', {}],
    ['mutation ($r: [RoleName!]) { login(login: "guest", password: "x", roles: $r) { accessToken } }', { r: ['a b'] }],
    ['mutation ($r: [RoleName!]) { login(login: "guest", password: "x", roles: $r) { accessToken } }', { r: [7] }],
  ])('the error of a role name says what a role name is: %s', async (query, variables) => {
    const { body, text } = await app.post({ query, variables });
    expect(body.errors?.[0]?.message).toContain('A role name is a letter, followed by');
    expect(text).not.toContain('night shift');
  });
});
