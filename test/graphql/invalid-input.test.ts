import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startToyServer, type ToyAnswer } from '../support/toy-server.ts';

const SENT = 'hunter2-the-sent-value';

function errorsOf({ body }: ToyAnswer) {
  return body.errors ?? [];
}

describe('invalid input', () => {
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
  ])('an invalid variable is named without its value: %o', async (variables, message) => {
    const { query, resolved } = await startToyServer();
    const answer = await query(TAKES, variables);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer).map((error) => error.message)).toEqual([message]);
    expect(errorsOf(answer)[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(answer.text).not.toContain(SENT);
    expect(resolved).toEqual([]);
  });

  it('invalid values are listed up to a number that people can read', async () => {
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
  ])('an invalid literal is located without its value: %s', async (argument, message) => {
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
  ])('a syntax error is located without the text at its place: %s', async (document, message) => {
    const { query } = await startToyServer();
    const answer = await query(document);
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toMatchObject([{ message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
    expect(errorsOf(answer)[0]?.locations).toHaveLength(1);
    expect(answer.text).not.toMatch(/hunter|31337/);
  });

  it('no document that cannot be parsed is repeated', async () => {
    const { query } = await startToyServer();
    const names = [
      'hunter2',
      '$hunter2',
      '@hunter2',
      '"hunter2"',
      '"""hunter2"""',
      '"hunter2',
      `'hunter2'`,
      '#hunter2\n',
    ];
    const escapes = [
      '"\\x hunter2"',
      '"\\uhunter2"',
      '"hunter2\u0007"',
      '31337x',
      '031337',
      '31337.hunter2',
      '%hunter2',
    ];
    const marks = ['{', '}', '(', ')', '[', ']', ':', '=', '!', '...', '|', '&', '?', ' ', '\n', 'query', 'on', 'type'];
    const document = fc.array(fc.constantFrom(...names, ...escapes, ...marks), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        document,
        fc.constantFrom('', ' '),
        fc.constantFrom('', '{ hello '),
        async (parts, gap, start) => {
          const answer = await query(`${start}${parts.join(gap)}`);
          const isSyntax = errorsOf(answer)[0]?.extensions?.['code'] === 'GRAPHQL_PARSE_FAILED';
          expect(isSyntax ? errorsOf(answer)[0]?.message : '').not.toMatch(/unter|133/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['query ($n: Int) { takes(needed: $n) }', { n: null }],
    ['query ($n: Int = 3) { takes(needed: $n) }', { n: null }],
    ['query ($n: Boolean = true) { hello @include(if: $n) }', { n: null }],
  ])('an invalid value that only shows during execution is the client’s error: %s', async (document, variables) => {
    const { query, resolved } = await startToyServer();
    const [error] = errorsOf(await query(document, variables));
    expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(error?.message).toContain('must not be null');
    expect(resolved).toEqual([]);
  });

  it('the name of an unknown operation is not repeated', async () => {
    const { http } = await startToyServer();
    const payload = { query: 'query A { hello } query B { hello }', operationName: SENT };
    const answer = await http.inject({ method: 'POST', url: '/graphql', payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain(SENT);
  });

  it('a very long name is cut off', async () => {
    const { query } = await startToyServer();
    expect((await query(`{ ${'x'.repeat(400_000)} }`)).text.length).toBeLessThan(1_000);
  });

  it('messages of validation about names and types are kept', async () => {
    const { query } = await startToyServer();
    const answer = await query('query ($a: String, $b: Nope) { takes(int: $a) helo { x } }');
    const messages = errorsOf(answer).map(({ message }) => message);
    expect(messages).toContain('Variable "$a" of type "String" used in position expecting type "Int".');
    expect(messages).toContain('Variable "$b" is never used.');
    expect(messages).toContain('Cannot query field "helo" on type "Query". Did you mean "hello"?');
  });

  it('messages have no suggestions where a part of the schema is hidden', async () => {
    const { query } = await startToyServer({ schema: (_viewer, schema) => schema });
    const answer = await query('{ helo takes(colour: RED, color: REDD) }');
    expect(errorsOf(answer)).toHaveLength(3);
    expect(answer.text).not.toContain('Did you mean');
  });
});
