import { type FormattedExecutionResult, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountsDocument, MeDocument } from './generated/graphql.ts';
import { Answer, requireAllAsked } from './support/answer.ts';
import { createTestApp, type TestApp } from './support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const denial = { message: 'Permission denied', path: ['me'], extensions: { code: 'FORBIDDEN' } };

function answer(result: FormattedExecutionResult): Answer<unknown> {
  return new Answer(parse('query Profile { me { id } }'), async () => result);
}

describe('an answer', () => {
  it('the harness returns the data of an operation that succeeds in all its parts', async () => {
    expect(await answer({ data: { me: { id: '1' } } }).data()).toEqual({ me: { id: '1' } });
  });

  it('the harness returns the remaining data of an operation that fails in some part', async () => {
    const failed = { data: { me: null }, errors: [denial] };
    expect(await answer(failed).partial()).toEqual(failed);
    expect(await answer(failed).errors()).toEqual([denial]);
    expect(await answer(failed).codes()).toEqual(['FORBIDDEN']);
    expect(await answer({ errors: [denial] }).partial()).toEqual({ data: null, errors: [denial] });
  });

  it('an answer with errors where data is expected fails with the operation in the message', async () => {
    const asked = answer({ data: { me: null }, errors: [denial] }).data();
    await expect(asked).rejects.toThrow(/Data was expected.*Permission denied.*query Profile \{\s+me \{\s+id/s);
  });

  it('an answer without the expected errors fails with the operation in the message', async () => {
    for (const ask of ['errors', 'codes', 'partial'] as const) {
      const asked = answer({ data: { me: { id: 'one' } } })[ask]();
      await expect(asked).rejects.toThrow(/Errors were expected.*"one".*query Profile/s);
    }
  });

  it('an answer that no test expects fails the test, once', async () => {
    await answer({ data: {} }).data();
    expect(requireAllAsked).not.toThrow();
    answer({ data: {} });
    expect(requireAllAsked).toThrow(/Say whether data or errors are expected of:\nquery Profile/);
    expect(requireAllAsked).not.toThrow();
  });
});

describe('an actor', () => {
  it('an actor sends an operation in three lines, as the README has it', async () => {
    const { accounts } = await app.as('DEVELOPER').query(AccountsDocument, { first: 3 }).data();
    expect(accounts?.totalCount).toBe(1000);
    expect(await app.as('STANDARD').query(AccountsDocument).codes()).toEqual(['FORBIDDEN']);
  });

  it('an actor is a demo user by role, any user by name, or anonymous', async () => {
    expect(await app.as('DEVELOPER').query(MeDocument).data()).toMatchObject({ me: { username: 'developer' } });
    expect(await app.as('ada.abara').query(MeDocument).data()).toMatchObject({ me: { username: 'ada.abara' } });
    expect(await app.as('ANONYMOUS').query(MeDocument).codes()).toEqual(['UNAUTHENTICATED']);
  });

  it('an actor gets the same answer with HTTP and without', async () => {
    const variables = { first: 2 };
    for (const who of ['ANONYMOUS', 'STANDARD', 'DEVELOPER'] as const) {
      const { body } = await app.as(who).request(AccountsDocument, variables);
      const isOpen = who === 'DEVELOPER';
      const asked = app.as(who).query(AccountsDocument, variables);
      const direct = isOpen ? { data: await asked.data() } : await asked.partial();
      expect(JSON.parse(JSON.stringify(direct, withoutLocations))).toEqual(
        JSON.parse(JSON.stringify(body, withoutLocations)),
      );
    }
  });

  it('an actor may send a text, and a document that is not valid is answered as over HTTP', async () => {
    const { documents } = await app.as('ANONYMOUS').query('{ documents(first: 1) { totalCount } }').data();
    expect(documents).toMatchObject({ totalCount: expect.any(Number) });
    const query = 'query ($first: Int) { documents(first: $first) { nodes { title } } }';
    const { documents: two } = await app.as('ANONYMOUS').query(query, { first: 2 }).data();
    expect(two).toMatchObject({ nodes: [{}, {}] });
    for (const [text, variables] of [
      ['{ nothing }', {}],
      ['{', {}],
      ['{ me { id } }', {}],
      [query, { first: 'two' }],
      [`{ ${'me { id } '.repeat(60)} }`, {}],
    ] as const) {
      const { body } = await app.as('ANONYMOUS').request(text, variables);
      expect(await app.as('ANONYMOUS').query(text, variables).errors()).toEqual(body.errors);
    }
  });

  it('an actor names the operation to run, of a document that holds several', async () => {
    const text = 'query A { publicMessage { text } } query B { documents(first: 1) { totalCount } }';
    const { documents } = await app.as('ANONYMOUS').query(text, {}, 'B').data();
    expect(documents).toMatchObject({ totalCount: expect.any(Number) });
    expect(await app.as('ANONYMOUS').query(text).codes()).toEqual(['OPERATION_RESOLUTION_FAILURE']);
    expect(await app.as('ANONYMOUS').query(text, {}, 'C').codes()).toEqual(['OPERATION_RESOLUTION_FAILURE']);
    expect(await app.as('ANONYMOUS').query(parse(text), {}, 'A').data()).toHaveProperty('publicMessage');
  });

  it('an actor that does not exist is an error', async () => {
    await expect(app.as('nobody.here').query(MeDocument).data()).rejects.toThrow('There is no user nobody.here');
  });
});

it('the harness counts the statements of the last query, and collects the log', async () => {
  await app.as('DEVELOPER').query(AccountsDocument, { first: 1 }).data();
  expect(app.statements.map((sql) => sql.replaceAll(/\s+/g, ' '))).toEqual([
    expect.stringContaining('from accounts'),
    expect.stringContaining('count(*)'),
  ]);
  await app.as('ANONYMOUS').request('{ __typename }');
  expect(app.logged.at(-1)).toMatchObject({ msg: 'answered', status: 200 });
});

function withoutLocations(key: string, value: unknown): unknown {
  return key === 'locations' ? undefined : value;
}
