import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type FormattedExecutionResult, print } from 'graphql';
import { LoginDocument } from '../generated/graphql.ts';
import type { HttpAnswer, TestApp } from './app.ts';

/** The credentials of a request. */
export type Headers = Record<string, string>;

/** A session, and the headers that requests in it are sent with. */
export interface SignedIn {
  readonly headers: Headers;
  readonly accessToken: string;
  /** null: the session lives in a cookie. */
  readonly refreshToken: string | null;
  /** `name=value`; null without one. */
  readonly cookie: string | null;
  readonly answer: HttpAnswer;
}

export interface SignInOptions {
  readonly password?: string;
  readonly roles?: string[];
  readonly cookie?: boolean;
  /** Beside those of the test. */
  readonly headers?: Headers;
}

/** The password of a demo user. */
export const passwordOf = (username: string): string => `rolegate-demo-${username}`;

/** Variables may be left out where all of them are optional. */
type Given<Variables> = Record<string, never> extends Variables ? [variables?: Variables] : [variables: Variables];

/** Sends a typed document over HTTP with these headers, and leaves the answer to the test. */
export function send<Variables extends object>(
  app: TestApp,
  headers: Headers,
  document: TypedDocumentNode<unknown, Variables>,
  ...[variables]: Given<Variables>
): Promise<HttpAnswer> {
  return app.post({ query: print(document), variables: variables ?? {} }, headers);
}

/** Sends a typed document over HTTP with these headers: the data of an answer without errors. */
export async function ask<Data, Variables extends object>(
  app: TestApp,
  headers: Headers,
  document: TypedDocumentNode<Data, Variables>,
  ...given: Given<Variables>
): Promise<Data> {
  return dataOf(document, await send(app, headers, document, ...given));
}

/** Tries to sign in over HTTP, and leaves the answer to the test. */
export function tryToSignIn(app: TestApp, login: string, options: SignInOptions = {}): Promise<HttpAnswer> {
  const { password = passwordOf(login), roles = null, cookie = false, headers = {} } = options;
  return send(app, headers, LoginDocument, { login, password, roles, cookie });
}

/** Signs in over HTTP. */
export async function signIn(app: TestApp, login: string, options: SignInOptions = {}): Promise<SignedIn> {
  const answer = await tryToSignIn(app, login, options);
  const { login: tokens } = dataOf(LoginDocument, answer);
  if (!tokens) {
    throw new Error(`Tokens were expected: ${answer.text}`);
  }
  const { accessToken, refreshToken } = tokens;
  const [cookie = null] = [answer.headers['set-cookie'] ?? []].flat().map((text) => String(text).split(';', 1)[0]);
  const headers = options.cookie === true && cookie ? { cookie } : bearer(accessToken);
  return { accessToken, refreshToken, cookie: cookie ?? null, headers, answer };
}

export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

export const basic = (login: string, password = passwordOf(login)): Headers => ({
  authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`,
});

/** Returns the claims of an access token, unverified. */
export function claimsIn(token: string): { readonly sub: string; readonly sid: string; readonly roles: string[] } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** The data of an answer, which has no errors, to this document. */
export function dataOf<Data>(document: TypedDocumentNode<Data, never>, { status, text, body }: HttpAnswer): Data {
  if (status !== 200 || body.errors !== undefined || body.data === null || body.data === undefined) {
    throw new Error(`Data was expected: ${status} ${text}\n${print(document)}`);
  }
  return body.data as Data;
}

/** The codes of an answer's errors. */
export function codesOf({ body }: { readonly body: FormattedExecutionResult }): unknown[] {
  return (body.errors ?? []).map(({ extensions }) => extensions?.['code']);
}

/** Asks who the server thinks is asking: the user name, or the status and code with which the request is refused. */
export async function whoAmI(app: TestApp, headers: Headers): Promise<string> {
  const answer = await app.post({ query: '{ me { username } }' }, headers);
  const { me } = (answer.body.data ?? {}) as { me?: { username: string } | null };
  return me?.username ?? `${answer.status} ${String(codesOf(answer))}`;
}

const QUERIES = `{
  users(first: 1) { totalCount }
  accounts(first: 1) { totalCount }
  viewer { effectiveRoles }
  me { id }
}`;

/**
 * Returns the queries that a request may make: `users` needs ADMIN, `accounts` DEVELOPER, `me` a sign-in. `standard`
 * is not a query: it stands for the role STANDARD, which allows no query that GUEST does not allow.
 */
export async function allowedQueries(app: TestApp, headers: Headers): Promise<string[]> {
  const { body, status, text } = await app.post({ query: QUERIES }, headers);
  if (status !== 200) {
    throw new Error(`Data were expected: ${status} ${text}`);
  }
  const denied = new Set(
    body.errors?.filter(({ extensions }) => extensions?.['code'] !== 'NOT_FOUND').map(({ path }) => path?.[0]),
  );
  const { viewer } = body.data as { viewer: { effectiveRoles: readonly string[] } };
  const isStandard = viewer.effectiveRoles.includes('STANDARD');
  const queries = Object.keys(body.data ?? {}).filter((query) => query !== 'viewer' || isStandard);
  return queries.filter((query) => !denied.has(query)).map((query) => (query === 'viewer' ? 'standard' : query));
}
