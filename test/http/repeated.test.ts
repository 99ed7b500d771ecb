import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('a repeated operation', () => {
  const known = 'query A {\n  __typename\n}\n';

  it.each([
    { query: '  __typename\n}\n', operationName: 'query A {' },
    { query: '', operationName: 'query A {\n  __typename\n}' },
    { query: `A\n${known}`, operationName: null },
    { query: `1:A${known}`, operationName: null },
    { query: known.slice(1), operationName: 'q' },
    { query: known, operationName: 'B' },
  ])('an operation is not confused with another: $operationName', async (body) => {
    const before = await app.post(body);
    expect(before.status).toBe(400);
    for (const operationName of [null, 'A', 'A']) {
      expect((await app.post({ query: known, operationName })).status).toBe(200);
    }
    expect(seen(await app.post(body))).toEqual(seen(before));
  });

  it('an operation is planned by its own conditions, not by those of others in the document', async () => {
    const query = `query A($f: Boolean!) { x: __typename @skip(if: $f) }
      query B($f: UserFilter = { search: "a" }) { users(filter: $f) { totalCount } }`;
    const ask = () => app.post({ query, operationName: 'B' }, { authorization: `Bearer ${token}` });
    const token = await admin.token();
    const first = await ask();
    expect(first.status).toBe(200);
    expect(seen(await ask())).toEqual(seen(first));
    expect(seen(await ask())).toEqual(seen(first));
  });

  it('an operation has a plan for each set of conditions, whatever its other variables are', async () => {
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

  it('a refusal of a service is reported once, however the operation is executed', async () => {
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

  it('a repeated operation gets the same media type as the first time', async () => {
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
