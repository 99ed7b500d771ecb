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

/** What a database driver throws: full of what was sent. */
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
  closedDoor: () =>
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
    ['closedDoor', 'FORBIDDEN', 'Not allowed.', { coordinate: 'Query.throws' }],
  ])('%s keeps code, message and path, and is a normal answer', async (what, code, message, more) => {
    const { query } = await startToyServer({ faults: FAULTS });
    const answer = await query(throwing(what));
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ a0: null });
    expect(errorsOf(answer)).toEqual([
      { message, locations: [{ line: 1, column: 3 }], path: ['a0'], extensions: { code, ...more } },
    ]);
    expect(answer.text).not.toContain(SENT);
  });

  it('is rounded up to whole seconds where it will pass', async () => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect(errorsOf(await query(throwing('rateLimited')))[0]?.extensions).toEqual({
      code: 'RATE_LIMITED',
      retryAfterSeconds: 13,
    });
  });

  it('logs its cause, not what was sent', async () => {
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
  ])('of the kind "%s" is masked, and found in the log by the id that the client got', async (what) => {
    const server = await startToyServer({ faults: FAULTS });
    const answer = await server.query(throwing(what));
    const [error] = errorsOf(answer);
    expect(error?.message).toBe('Something went wrong on our side.');
    expect(error?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: answer.headers['x-request-id'] });
    expect(answer.text).not.toContain(SENT);
    const line = server.logged.find(({ level }) => level === 50);
    expect(line).toMatchObject({ requestId: answer.headers['x-request-id'], path: 'a0', fault: {} });
  });

  it('is logged with its place, and without what a database quotes', async () => {
    const server = await startToyServer({ faults: FAULTS });
    await server.query(throwing('database'));
    const line = server.logged.find(({ level }) => level === 50);
    expect(line?.['fault']).toMatchObject({ type: 'Error', code: '22P02', stack: expect.stringContaining('at ') });
    expect(JSON.stringify(line)).not.toContain(SENT);
  });

  it.each([
    ['a scalar', 'color'],
    ['null', 'never'],
  ])('in the shape of an answer, %s where the schema has another type, is masked too', async (_, field) => {
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
  ])('of %o, when nothing resolved, is %i', async (what, status, retryAfter) => {
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
  ])('is 200 when %s resolved', async (_, sibling) => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect((await query(`{ ${sibling} b: throws(what: "bug") }`)).status).toBe(200);
    expect((await query(`{ ${sibling} b: throws(what: "unavailable") }`)).status).toBe(200);
    expect((await query(`{ ${sibling} b: throws(what: "rateLimited") }`)).status).toBe(429);
  });

  it('is 500 when a failure takes its parents with it', async () => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect(await query('{ hello required }')).toMatchObject({ status: 500, body: { data: null } });
  });

  it('of a mutation follows the same rules', async () => {
    const { query } = await startToyServer({ faults: FAULTS });
    expect((await query(`mutation ${throwing('bug')}`)).status).toBe(500);
    expect((await query(`mutation ${throwing('rateLimited')}`)).status).toBe(429);
  });
});

describe('input that is no good', () => {
  const TAKES = `query ($person: PersonInput, $int: Int, $email: EmailAddress, $color: Color, $choice: Choice,
    $list: [[Int]], $needed: Int! = 1, $hello: String) {
    takes(person: $person, int: $int, email: $email, color: $color, choice: $choice, list: $list, needed: $needed)
    hello(name: $hello)
  }`;

  it.each([
    [{ int: SENT }, 'Variable "$int" is not valid: expected a value of type "Int".'],
    [{ int: 2 ** 31 }, 'Variable "$int" is not valid: expected a value of type "Int".'],
    [{ int: [SENT] }, 'Variable "$int" is not valid: expected a value of type "Int".'],
    [{ hello: { password: SENT } }, 'Variable "$hello" is not valid: expected a value of type "String".'],
    [{ email: SENT }, 'Variable "$email" is not valid: expected a value of type "EmailAddress".'],
    [{ color: SENT }, 'Variable "$color" is not valid: expected a value of type "Color".'],
    [{ color: 'RDE' }, 'Variable "$color" is not valid: expected a value of type "Color".'],
    [{ person: SENT }, 'Variable "$person" is not valid: Expected type "PersonInput" to be an object.'],
    [
      { person: { name: null } },
      'Variable "$person" is not valid at "person.name": Expected non-nullable type "String!" not to be null.',
    ],
    [{ person: {} }, 'Variable "$person" is not valid: Field "name" of required type "String!" was not provided.'],
    [
      { person: { name: 'x', nam: SENT } },
      'Variable "$person" is not valid: Field "nam" is not defined by type "PersonInput".',
    ],
    [
      { person: { name: 'x', [`${SENT} at`]: 1 } },
      'Variable "$person" is not valid: expected a value of type "PersonInput".',
    ],
    [
      { person: { name: 'x', address: { email: SENT } } },
      'Variable "$person" is not valid at "person.address.email": expected a value of type "EmailAddress!".',
    ],
    [
      { person: { name: 'x', address: { email: 'a@b.example', tags: ['a', { [SENT]: 1 }] } } },
      'Variable "$person" is not valid at "person.address.tags[1]": expected a value of type "String!".',
    ],
    [{ list: [[1], [2, SENT]] }, 'Variable "$list" is not valid at "list[1][1]": expected a value of type "Int".'],
    [
      { choice: { a: SENT, b: 1 } },
      'Variable "$choice" is not valid: Exactly one key must be specified for OneOf type "Choice".',
    ],
    [{ needed: null }, 'Variable "$needed" of non-null type "Int!" must not be null.'],
    // Values that imitate the end of graphql-js's messages.
    [{ int: `${SENT}" at "int.a"; x` }, 'Variable "$int" is not valid: expected a value of type "Int".'],
    [{ int: { a: `" at "int.b` } }, 'Variable "$int" is not valid: expected a value of type "Int".'],
  ])('as a variable, %o, is named without its value', async (variables, message) => {
    const { query, resolved } = await startToyServer();
    const answer = await query(TAKES, variables);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer).map((error) => error.message)).toEqual([message]);
    expect(errorsOf(answer)[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(answer.text).not.toContain(SENT);
    expect(resolved).toEqual([]);
  });

  it('is listed up to a number that somebody might read', async () => {
    const { query } = await startToyServer();
    const answer = await query(TAKES, { list: Array.from({ length: 1000 }, () => SENT) });
    expect(answer.status).toBe(400);
    expect(errorsOf(answer).length).toBeLessThan(30);
    expect(errorsOf(answer).at(-1)).toMatchObject({
      message: 'Too many values are not valid.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it.each([
    [`int: "${SENT}"`, 'Expected a value of type "Int" here.'],
    ['int: 2147483648', 'Expected a value of type "Int" here.'],
    [`password: 31337`, 'Expected a value of type "String" here.'],
    [`password: [${JSON.stringify(SENT)}]`, 'Expected a value of type "String" here.'],
    [`email: "${SENT}"`, 'Expected a value of type "EmailAddress" here.'],
    ['color: hunter2', 'Expected a value of type "Color" here.'],
    [`color: "${SENT}"`, 'Expected a value of type "Color" here.'],
    [`person: "${SENT}"`, 'Expected a value of type "PersonInput" here.'],
    ['person: {}', 'Field "PersonInput.name" of required type "String!" was not provided.'],
    ['needed: null', 'Expected a value of type "Int!" here.'],
    [`choice: { a: "${SENT}", b: 1 }`, 'OneOf Input Object "Choice" must specify exactly one key.'],
  ])('as a literal, (%s), is located without its value', async (argument, message) => {
    const { query, resolved } = await startToyServer();
    const answer = await query(`{ takes(${argument}) }`);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toMatchObject([{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    expect(errorsOf(answer)[0]?.locations).toHaveLength(1);
    expect(answer.text).not.toMatch(/hunter2|31337/);
    expect(resolved).toEqual([]);
  });

  it.each([
    [`{ takes(password "${SENT}") }`, 'Syntax Error: Expected ":", found String.'],
    [`{ takes(password: """${SENT}""" """${SENT}"\n""" ) }`, 'Syntax Error: Expected Name, found BlockString.'],
    [`{ takes(password: "${SENT}\\x") }`, 'Syntax Error: Invalid character escape sequence.'],
    [`{ takes(password: "${SENT}) }`, 'Syntax Error: Unterminated string.'],
    ['{ takes(password: hunter2 hunter3 hunter2) }', 'Syntax Error: Expected ":", found Name.'],
    ['{ takes(int: 31337 31337) }', 'Syntax Error: Expected Name, found Int.'],
    ['{ takes(', 'Syntax Error: Expected Name, found <EOF>.'],
    ['qurey { hello }', 'Syntax Error: Unexpected Name.'],
  ])('as a document, (%s), is located without what stood there', async (document, message) => {
    const { query } = await startToyServer();
    const answer = await query(document);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toMatchObject([{ message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
    expect(errorsOf(answer)[0]?.locations).toHaveLength(1);
    expect(answer.text).not.toMatch(/hunter|31337/);
  });

  it.each([
    ['query ($n: Int) { takes(needed: $n) }', { n: null }],
    ['query ($n: Int = 3) { takes(needed: $n) }', { n: null }],
    ['query ($n: Boolean = true) { hello @include(if: $n) }', { n: null }],
  ])('that only shows while it runs, (%s), is the client’s fault', async (document, variables) => {
    const { query, resolved } = await startToyServer();
    const [error] = errorsOf(await query(document, variables));
    expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(error?.message).toContain('must not be null');
    expect(resolved).toEqual([]);
  });

  it('as the name of an operation is not repeated', async () => {
    const { http } = await startToyServer();
    const payload = { query: 'query A { hello } query B { hello }', operationName: SENT };
    const answer = await http.inject({ method: 'POST', url: '/graphql', payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain(SENT);
  });

  it('as a name without end is cut off', async () => {
    const { query } = await startToyServer();
    expect((await query(`{ ${'x'.repeat(400_000)} }`)).text.length).toBeLessThan(1_000);
  });

  it('keeps what validation says of names and types', async () => {
    const { query } = await startToyServer();
    const answer = await query('query ($a: String, $b: Nope) { takes(int: $a) helo { x } }');
    const messages = errorsOf(answer).map(({ message }) => message);
    expect(messages).toContain('Variable "$a" of type "String" used in position expecting type "Int".');
    expect(messages).toContain('Variable "$b" is never used.');
    expect(messages).toContain('Cannot query field "helo" on type "Query". Did you mean "hello"?');
  });

  it('is told without suggestions where a part of the schema is hidden', async () => {
    const { query } = await startToyServer({ schema: (_viewer, schema) => schema });
    const answer = await query('{ helo takes(colour: RED, color: REDD) }');
    expect(errorsOf(answer)).toHaveLength(3);
    expect(answer.text).not.toContain('Did you mean');
  });
});
