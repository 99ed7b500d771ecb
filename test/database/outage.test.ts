import { describe, expect, it } from 'vitest';
import { isOutage, orUnavailable } from '../../src/database/outage.ts';
import { Conflict, ServiceUnavailable } from '../../src/lib/errors.ts';

const withCode = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

describe('while the database is unavailable', () => {
  it.each<[string, unknown]>([
    ['nothing listens', withCode('ECONNREFUSED')],
    ['the host is unknown', withCode('ENOTFOUND')],
    ['the name server fails', withCode('EAI_FAIL')],
    ['its disk is full', withCode('53100')],
    ['the socket file is gone', withCode('ENOENT')],
    ['nothing listens on any address', new AggregateError([withCode('ECONNREFUSED'), withCode('EHOSTUNREACH')])],
    ['the connection broke', withCode('ECONNRESET')],
    ['an administrator stops it', withCode('57P01')],
    ['it crashed', withCode('57P02')],
    ['it starts', withCode('57P03')],
    ['it has too many connections', withCode('53300')],
    ['the connection failed', withCode('08006')],
    ['the statement took too long', withCode('57014')],
    ['the driver lost it', new Error('Connection terminated unexpectedly')],
    ['the driver got no connection', new Error('timeout exceeded when trying to connect')],
    ['the driver got no answer', new Error('Query read timeout')],
    ['another error wraps it', new Error('a query failed', { cause: withCode('ECONNRESET') })],
  ])('an error counts as an outage: %s', (_, error) => {
    expect(isOutage(error)).toBe(true);
  });
});

describe('while the database is available', () => {
  it.each<[string, unknown]>([
    ['a value is taken', withCode('23505')],
    ['the statement is wrong', withCode('42601')],
    ['a right is missing', withCode('42501')],
    ['two transactions block each other', withCode('40P01')],
    ['an argument is malformed', withCode('22P02')],
    ['the password is wrong', withCode('28P01')],
    ['there is a bug', new TypeError('Connection is not a function')],
    ['a message mentions connections', new Error('No Connection terminated here')],
    ['a row is in conflict', new Conflict('x')],
    ['it is no error', 'ECONNREFUSED'],
    ['it is nothing', undefined],
  ])('an error does not count as an outage: %s', (_, error) => {
    expect(isOutage(error)).toBe(false);
  });

  it('an error that is its own cause does not count as an outage', () => {
    const error = new Error('x');
    error.cause = error;
    expect(isOutage(error)).toBe(false);
  });
});

describe('work', () => {
  it('work during an outage fails with a time to retry, and keeps the cause for the log', async () => {
    const cause = withCode('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:5432');
    const failing = orUnavailable(() => Promise.reject(cause));
    await expect(failing).rejects.toThrow(ServiceUnavailable);
    await expect(failing).rejects.toMatchObject({
      message: 'The database is not available',
      retryAfterSeconds: 2,
      cause,
    });
  });

  it('other failures of work stay unchanged', async () => {
    const error = new TypeError('a bug');
    await expect(orUnavailable(() => Promise.reject(error))).rejects.toBe(error);
  });
});
