import assert from 'node:assert/strict';
import { buildSchema, type DocumentNode, type OperationDefinitionNode, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Prepared, Shelf } from '../../src/graphql/operation-cache.ts';
import { type Actor, createTestApp, type HttpAnswer, type TestApp } from '../support/app.ts';

let app: TestApp;
let admin: Actor;
let standard: Actor;
beforeAll(async () => {
  app = await createTestApp();
  admin = app.as('ADMIN');
  standard = app.as('STANDARD');
});
afterAll(() => app.close());

const seen = ({ status, text }: HttpAnswer): unknown => ({ status, text: text.replaceAll(/"requestId":"[^"]*"/g, '') });

describe('an operation that is known', () => {
  const known = 'query A {\n  __typename\n}\n';

  it.each([
    { query: '  __typename\n}\n', operationName: 'query A {' },
    { query: '', operationName: 'query A {\n  __typename\n}' },
    { query: `A\n${known}`, operationName: null },
    { query: `1:A${known}`, operationName: null },
    { query: known.slice(1), operationName: 'q' },
    { query: known, operationName: 'B' },
  ])('is not taken for another: $operationName', async (body) => {
    const before = await app.post(body);
    expect(before.status).toBe(400);
    for (const operationName of [null, 'A', 'A']) {
      expect((await app.post({ query: known, operationName })).status).toBe(200);
    }
    expect(seen(await app.post(body))).toEqual(seen(before));
  });

  it('is planned by its own conditions, not by those of others in the document', async () => {
    const query = `query A($f: Boolean!) { x: __typename @skip(if: $f) }
      query B($f: UserFilter = { search: "a" }) { users(filter: $f) { totalCount } }`;
    const ask = () => app.post({ query, operationName: 'B' }, { authorization: `Bearer ${token}` });
    const token = await admin.token();
    const first = await ask();
    expect(first.status).toBe(200);
    expect(seen(await ask())).toEqual(seen(first));
    expect(seen(await ask())).toEqual(seen(first));
  });

  it('has a plan for each choice, whatever else its variables are', async () => {
    const query = `query A($x: Boolean!) { a: __typename @skip(if: $x) }
      query B($x: String, $y: Boolean!, $z: String) { b: __typename @skip(if: $y) ...F }
      fragment F on Query { c: documents(filter: { search: $x }) { totalCount } ...G }
      fragment G on Query { d: documents(filter: { search: $z }) { totalCount } ... @include(if: $y) { e: __typename } }
      query C($z: Boolean!) { a: __typename @skip(if: $z) }`;
    const keys = async (variables: object): Promise<string[]> => {
      const { body } = await app.post({ query, operationName: 'B', variables });
      return Object.keys(body.data ?? {});
    };
    for (let time = 0; time < 3; time++) {
      expect(await keys({ x: 'a', y: true, z: 'b,false,c' })).toEqual(['c', 'd', 'e']);
      expect(await keys({ x: 'a,true,b', y: false, z: 'c' })).toEqual(['b', 'c', 'd']);
    }
  });

  it('tells of a service that refuses once, however it is executed', async () => {
    const { body } = await admin.request('{ me { id } }');
    const { id } = (body.data as { me: { id: string } }).me;
    const counts: number[] = [];
    for (let time = 0; time < 3; time++) {
      const answer = await standard.request('query ($id: ID!) { user(id: $id) { id } }', { id });
      expect(answer.body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      const filter = '{ action: "access.denied", search: "Query.user" }';
      await app.audit.denials.flush('all');
      const events = await admin.request(`{ auditEvents(first: 1, filter: ${filter}) { nodes { count } } }`);
      counts.push(
        ...JSON.stringify(events.body)
          .matchAll(/"count":(\d+)/g)
          .map(([, count]) => Number(count)),
      );
    }
    expect(counts).toEqual([1, 1, 1]);
  });

  it('gets the type of answer that Apollo Server would choose', async () => {
    const query = '{ typeOfAnswer: __typename }';
    const typeFor = async (accept: string): Promise<unknown> => {
      return (await app.post({ query }, { accept })).headers['content-type'];
    };
    for (const accept of [
      'application/graphql-response+json,application/json;q=0.9',
      'application/graphql-response+json, application/json; q=1.5',
      'application/json;q=0.5, application/graphql-response+json',
      'application/graphql-response+json;charset=utf-8',
      'application/json, */*;q=0',
      'application/json;q=0, application/graphql-response+json',
    ]) {
      const fresh = `${query} # ${accept}`;
      const first = (await app.post({ query: fresh }, { accept })).headers['content-type'];
      expect((await app.post({ query: fresh }, { accept })).headers['content-type'], accept).toBe(first);
      expect(await typeFor(accept), accept).toBe(first);
    }
  });
});

describe('what is kept of operations', () => {
  const schema = buildSchema('type Query { a: Int }');
  const document: DocumentNode = parse('{ a }');
  const [operation] = document.definitions as [OperationDefinitionNode];

  it('is kept by schema, text and name, up to some 64 MB of texts and fields, the last used last', () => {
    const shelf = new Shelf();
    const put = (query: string): void => shelf.put(schema, query, null, { document, operation });
    const take = (query: string) => shelf.take(schema, query, null);
    const grow = (prepared: Prepared | undefined, fields: number): void => {
      assert(prepared !== undefined);
      shelf.grow(prepared, fields);
    };
    const longer = `second${' '.repeat(100)}`;
    put('first');
    put(longer);
    expect(shelf.take(buildSchema('type Query { a: Int }'), 'first', null)).toBeUndefined();
    expect(shelf.take(schema, 'first', 'name')).toBeUndefined();
    const second = take(longer);
    expect(second).toMatchObject({ document, operation });
    take('first');
    put('large');
    grow(take('large'), 91_427);
    expect([take('first') !== undefined, take(longer)]).toEqual([true, undefined]);
    grow(second, 1_000_000); // of what is gone
    expect(take('large')).toBeDefined();
    grow(take('large'), 10_000);
    expect(take('large')).toBeUndefined();
    put('first');
    expect(take('first')).toBeDefined();
  });

  it('leaves out a text that takes more than all', () => {
    const shelf = new Shelf();
    const query = 'x'.repeat(3_000_000);
    shelf.put(schema, query, null, { document, operation });
    expect(shelf.take(schema, query, null)).toBeUndefined();
  });
});
