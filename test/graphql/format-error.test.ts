import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import {
  BadRequest,
  BadUserInput,
  Conflict,
  Forbidden,
  HttpRefusal,
  NotFound,
  RateLimited,
  ServiceUnavailable,
  Unauthenticated,
} from '../../src/lib/errors.ts';
import { type Faults, startToyServer, type ToyAnswer } from '../support/toy-server.ts';

const SENT = 'hunter2-the-sent-value';

/** An error of a database driver, which contains values that were sent. */
function databaseError(): Error {
  const message = `insert into "users" ("email") values ('${SENT}') - invalid input syntax for type uuid: "${SENT}"`;
  const details = { code: '22P02', sqlState: '22P02', detail: `Key (email)=(${SENT}) exists.`, params: [SENT] };
  return Object.assign(new Error(message), details);
}

const FAULTS: Faults = {
  badUserInput: () => new BadUserInput('That is too long.', { field: 'input.name' }),
  badRequest: () => new BadRequest('Choose one.'),
  notFound: () => new NotFound('There is no such user.'),
  conflict: () => new Conflict('The name is taken.', { cause: databaseError() }),
  forbidden: () => new Forbidden('You may not.'),
  unauthenticated: () => new Unauthenticated('Wrong password.'),
  rateLimited: () => new RateLimited('Too many attempts.', 12.2),
  slower: () => new RateLimited('Too many attempts.', 90),
  unavailable: () => new ServiceUnavailable('Try again.', 3, { cause: databaseError() }),
  refusal: () => new HttpRefusal({ status: 401, code: 'UNAUTHENTICATED', message: 'Expired.' }),
  denied: () =>
    new GraphQLError('Not allowed.', {
      extensions: { code: 'FORBIDDEN', coordinate: 'Query.throws', why: SENT },
    }),
  bug: () => new TypeError(`Cannot read properties of undefined (reading '${SENT}')`),
  database: databaseError,
  string: () => SENT,
  nothing: () => undefined,
  anonymousGraphQLError: () => new GraphQLError(`failed on ${SENT}`),
  otherCode: () => new GraphQLError(SENT, { extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } }),
  errorWithExtensions: () => Object.assign(new Error(SENT), { extensions: { code: 'FORBIDDEN' } }),
  argumentBug: () => new Error(`Argument "x" has invalid value ${SENT}`),
};

function throwing(...what: string[]): string {
  return `{ ${what.map((name, index) => `a${index}: throws(what: "${name}")`).join(' ')} }`;
}

function errorsOf({ body }: ToyAnswer) {
  return body.errors ?? [];
}

describe('a refusal', () => {
  it.each([
    ['badUserInput', 'BAD_USER_INPUT', 'That is too long.', { field: 'input.name' }],
    ['badRequest', 'BAD_REQUEST', 'Choose one.', {}],
    ['notFound', 'NOT_FOUND', 'There is no such user.', {}],
    ['conflict', 'CONFLICT', 'The name is taken.', {}],
    ['forbidden', 'FORBIDDEN', 'You may not.', {}],
    ['unauthenticated', 'UNAUTHENTICATED', 'Wrong password.', {}],
    ['refusal', 'UNAUTHENTICATED', 'Expired.', {}],
    ['denied', 'FORBIDDEN', 'Not allowed.', { coordinate: 'Query.throws' }],
  ])('a refusal of the kind %s keeps code, message and path, and has status 200', async (what, code, message, more) => {
    const { query } = await startToyServer({ faults: FAULTS });
    const answer = await query(throwing(what));
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ a0: null });
    expect(errorsOf(answer)).toEqual([
      { message, locations: [{ line: 1, column: 3 }], path: ['a0'], extensions: { code, ...more } },
    ]);
    expect(answer.text).not.toContain(SENT);
  });

  it('the time to retry is rounded up to whole seconds', async () => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect(errorsOf(await query(throwing('rateLimited')))[0]?.extensions).toEqual({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 13,
    });
  });

  it('a refusal logs its cause, and not the values that the client sent', async () => {
    const server = await startToyServer({ faults: FAULTS });
    await server.query(throwing('conflict'));
    const line = server.logged.find(({ level }) => level === 40);
    expect(line).toMatchObject({ code: 'CONFLICT', fault: { code: '22P02' }, requestId: expect.any(String) });
    expect(JSON.stringify(line)).not.toContain(SENT);
  });
});

describe('a bug', () => {
  it.each([
    'bug',
    'database',
    'string',
    'nothing',
    'anonymousGraphQLError',
    'otherCode',
    'errorWithExtensions',
    'argumentBug',
  ])('a bug of the kind "%s" is masked, and found in the log by the id that the client got', async (what) => {
    const server = await startToyServer({ faults: FAULTS });
    const answer = await server.query(throwing(what));
    const [error] = errorsOf(answer);
    expect(error?.message).toBe('Something went wrong on our side.');
    expect(error?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: answer.headers['x-request-id'] });
    expect(answer.text).not.toContain(SENT);
    const line = server.logged.find(({ level }) => level === 50);
    expect(line).toMatchObject({ requestId: answer.headers['x-request-id'], path: 'a0', fault: {} });
  });

  it('a bug is logged with its place, and without what a database quotes', async () => {
    const server = await startToyServer({ faults: FAULTS });
    await server.query(throwing('database'));
    const line = server.logged.find(({ level }) => level === 50);
    expect(line?.['fault']).toMatchObject({ type: 'Error', code: '22P02', stack: expect.stringContaining('at ') });
    expect(JSON.stringify(line)).not.toContain(SENT);
  });

  it.each([
    ['a scalar', 'color'],
    ['null', 'never'],
  ])('a resolver that returns %s where the schema has another type is masked as a bug', async (_, field) => {
    const { query } = await startToyServer();
    const answer = await query(`{ broken { ${field} } }`);
    expect(errorsOf(answer)[0]).toMatchObject({ extensions: { code: 'INTERNAL_SERVER_ERROR' } });
    expect(answer.text).not.toMatch(/PURPLE|non-nullable/);
  });
});

describe('the status', () => {
  it.each([
    [['notFound'], 200, undefined],
    [['forbidden', 'unauthenticated'], 200, undefined],
    [['bug'], 500, undefined],
    [['bug', 'notFound'], 500, undefined],
    [['unavailable'], 503, '3'],
    [['unavailable', 'forbidden'], 503, '3'],
    [['unavailable', 'bug'], 503, '3'],
    [['rateLimited'], 429, '13'],
    [['rateLimited', 'slower', 'bug'], 429, '90'],
  ])('the status of %o, when nothing resolved, is %i', async (what, status, retryAfter) => {
    const { query } = await startToyServer({ faults: FAULTS });
    const answer = await query(throwing(...what));
    expect(answer.status).toBe(status);
    expect(answer.headers['retry-after']).toBe(retryAfter);
  });

  it.each([
    ['a sibling', 'hello'],
    ['a sibling that answers null', 'nothing'],
    ['the name of the type', '__typename'],
    ['a field beside the one that failed', 'node { id thrown }'],
  ])('the status is 200 when %s resolved', async (_, sibling) => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect((await query(`{ ${sibling} b: throws(what: "bug") }`)).status).toBe(200);
    expect((await query(`{ ${sibling} b: throws(what: "unavailable") }`)).status).toBe(200);
    expect((await query(`{ ${sibling} b: throws(what: "rateLimited") }`)).status).toBe(429);
  });

  it('the status is 500 when a failure takes its parents with it', async () => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect(await query('{ hello required }')).toMatchObject({ status: 500, body: { data: null } });
  });

  it('the status of a mutation follows the same rules', async () => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect((await query(`mutation ${throwing('bug')}`)).status).toBe(500);
    expect((await query(`mutation ${throwing('rateLimited')}`)).status).toBe(429);
  });
});
