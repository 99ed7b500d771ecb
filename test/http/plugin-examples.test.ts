import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, type GraphQLFieldResolver } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../src/context.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

/** Refuses an operation by its name, as an allow-list does. */
const blocker: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operationName }) => {
      if (operationName === 'Blocked') {
        throw new GraphQLError('Blocked.', { extensions: { code: 'FORBIDDEN' } });
      }
    },
  }),
};

/** Answers an operation itself, as a response cache does. */
const cache: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    responseForOperation: async ({ operationName, response }) =>
      operationName === 'Cached'
        ? { http: response.http, body: { kind: 'single', singleResult: { data: { cached: true } } } }
        : null,
  }),
};

/** Adds a header to each response, and counts. */
let answered = 0;
const headers: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async ({ contextValue }) => ({
    willSendResponse: async ({ response }) => {
      answered += 1;
      response.http.headers.set('x-viewer', contextValue.viewer.id === null ? 'anonymous' : 'signed in');
      response.http.headers.set('x-answered', String(answered));
    },
  }),
};

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ plugins: [blocker, cache, headers] });
});
afterAll(() => app.close());

const TIMES = [1, 2, 3, 4, 5];

describe('a plugin', () => {
  it('a plugin that refuses an operation refuses it each time', async () => {
    for (const _ of TIMES) {
      const { status, body } = await app.as('ADMIN').request('query Blocked { users(first: 1) { totalCount } }');
      expect(body).toMatchObject({ errors: [{ message: 'Blocked.', extensions: { code: 'FORBIDDEN' } }] });
      expect([status, 'data' in body]).toEqual([500, false]);
      const allowed = await app.as('ADMIN').request('query Allowed { users(first: 1) { totalCount } }');
      expect(allowed.body.errors).toBeUndefined();
    }
  });

  it('a plugin that answers an operation answers it each time, and nothing is executed', async () => {
    for (const _ of TIMES) {
      app.statements.length = 0;
      const { body } = await app.as('ANONYMOUS').request('query Cached { documents(first: 1) { totalCount } }');
      expect(body).toEqual({ data: { cached: true } });
      expect(app.statements).toEqual([]);
    }
  });

  it('a plugin that sets headers sets them on each response: of data, denials, failures and refusals', async () => {
    const documents = ['{ __typename }', '{ me { id } }', '{ document(id: "x") { id } }', '{ nothing }', '{'];
    for (const _ of TIMES) {
      for (const document of documents) {
        const before = answered;
        const anonymous = await app.as('ANONYMOUS').request(document);
        const signedIn = await app.as('GUEST').request(document);
        expect(anonymous.headers).toMatchObject({ 'x-viewer': 'anonymous', 'x-answered': String(before + 1) });
        expect(signedIn.headers).toMatchObject({ 'x-viewer': 'signed in', 'x-answered': String(before + 2) });
      }
    }
  });
});

describe('a resolver', () => {
  it('a resolver runs once for each request, also when another one beside it fails', async () => {
    const calls: string[] = [];
    const fields = app.schema.getQueryType()?.getFields() ?? {};
    const restore = ['publicMessage', 'document'].map((name) => {
      const field = fields[name];
      const resolve = field?.resolve as GraphQLFieldResolver<unknown, unknown>;
      Object.assign(field ?? {}, {
        resolve: (...call: Parameters<typeof resolve>) => {
          calls.push(name);
          return resolve(...call);
        },
      });
      return () => Object.assign(field ?? {}, { resolve });
    });
    for (const _ of TIMES) {
      calls.length = 0;
      const { body } = await app.as('GUEST').request('{ publicMessage { text } document(id: "x") { id } }');
      expect(body).toMatchObject({ data: { publicMessage: { text: expect.any(String) }, document: null } });
      expect(calls).toEqual(['publicMessage', 'document']);
    }
    restore.forEach((undo) => undo());
  });
});
