import * as fc from 'fast-check';
import { GraphQLError, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type ToyAnswer, startToyServer } from '../support/toy-server.ts';

const SENT = 'hunter2';

const literal = fc.letrec<{ any: string; object: string; list: string }>((tie) => {
  const name = fc.constantFrom('name', 'age', 'address', 'email', 'tags', 'color', 'data', 'a', 'b', 'nam', 'other');
  const field = fc.tuple(name, tie('any'));
  return {
    object: fc
      .uniqueArray(field, { maxLength: 4, selector: ([key]) => key })
      .map((fields) => `{ ${fields.map(([key, value]) => `${key}: ${value}`).join(' ')} }`),
    list: fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(' ')}]`),
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(`"${SENT}"`, `"""${SENT}"""`, SENT, 'null', 'RED', 'true', '31337', '-31337.5', '"a@b.example"'),
      tie('object'),
      tie('list'),
    ),
  };
}).any;

const ARGUMENTS = ['person', 'int', 'email', 'color', 'choice', 'list', 'data', 'needed', 'password'];

/** The messages of graphql-js in which names of the schema or the document stand, and nothing else. */
const NAMES_ONLY = /^(?:Field "|OneOf Input Object ")/;

const errorsOf = ({ body }: ToyAnswer) => body.errors ?? [];

describe('an invalid literal', () => {
  it('literals get the errors of graphql-js at the same places, without the values', async () => {
    const { query, schema } = await startToyServer();
    const argument = fc.tuple(fc.constantFrom(...ARGUMENTS), literal).map((given) => given.join(': '));
    const given = fc.uniqueArray(argument, { minLength: 1, maxLength: 3, selector: (text) => text.split(':', 1)[0] });
    await fc.assert(
      fc.asyncProperty(given, async (texts) => {
        const text = `{ takes(${texts.join(', ')}) }`;
        const expected = validate(schema, parse(text), specifiedRules, { hideSuggestions: true });
        const answer = await query(text);
        const errors = errorsOf(answer);
        expect(errors.map(({ locations }) => locations)).toEqual(expected.map(({ locations }) => locations));
        const names = expected.map(({ message }) => (NAMES_ONLY.test(message) ? message : null));
        expect(errors.map(({ message }, index) => names[index] && message)).toEqual(names);
        expect(answer.text).not.toMatch(/hunter2|31337/);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [
      'person: { address: {} }',
      ['Field "PersonInput.name" of required type "String!" was not provided.'],
      ['Field "AddressInput.email" of required type "EmailAddress!" was not provided.'],
    ],
    ['choice: {}', ['OneOf Input Object "Choice" must specify exactly one key.']],
    ['choice: { a: null }', ['Field "Choice.a" must be non-null.']],
    [`person: { name: "x", ${'y'.repeat(101)}: 1 }`, ['The value here is not valid.']],
  ])('the messages about %s', async (argument, ...messages) => {
    const { query } = await startToyServer();
    const answer = await query(`{ takes(${argument}) }`);
    expect(errorsOf(answer).map(({ message }) => message)).toEqual(messages.flat());
  });

  it('the last error of many says that the list is cut short', async () => {
    const { query } = await startToyServer();
    const answer = await query(`{ takes(list: [[${Array.from({ length: 100 }, () => `"${SENT}"`).join(' ')}]]) }`);
    expect(errorsOf(answer).at(-1)?.message).toBe(
      'Too many validation errors, error limit reached. Validation aborted.',
    );
    expect(errorsOf(answer).at(0)?.message).toBe('Expected a value of type "Int" here.');
    expect(answer.text).not.toContain(SENT);
  });
});

describe('an argument that fails with the variables of a request', () => {
  it.each([
    ['takes(needed: $n)', 'Argument "needed" of non-null type "Int!" must not be null.'],
    ['hello @include(if: $b)', 'Argument "if" of non-null type "Boolean!" must not be null.'],
    ['takes(person: { name: $s })', 'Argument "person" has an invalid value.'],
    [
      `takes(password: "${SENT}", person: { name: "${SENT}", address: { email: $e } })`,
      'Argument "person" has an invalid value.',
    ],
  ])('%s names the argument', async (field, message) => {
    const { query, resolved } = await startToyServer();
    const kinds = { n: 'Int = 3', b: 'Boolean = true', s: 'String = "x"', e: 'EmailAddress = "a@b.example"' };
    const used = Object.entries(kinds).filter(([name]) => field.includes(`$${name}`));
    const head = used.map(([name, type]) => `$${name}: ${type}`).join(', ');
    const variables = Object.fromEntries(used.map(([name]) => [name, null]));
    const answer = await query(`query (${head}) { ${field} }`, variables);
    expect(errorsOf(answer)).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(answer.text).not.toContain(SENT);
    expect(resolved).toEqual([]);
  });

  it('an error of a resolver that reads like one of graphql-js is hidden', async () => {
    const bug = () => new GraphQLError(`Argument "what" has invalid value "${SENT}".`);
    const { query } = await startToyServer({ faults: { bug } });
    const answer = await query('{ throws(what: "bug") }');
    expect(errorsOf(answer)).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(answer.text).not.toContain(SENT);
  });
});

describe('a plugin', () => {
  it.each(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'])(
    'an error with the code %s that a plugin throws keeps its message',
    async (code) => {
      const refuse = async (): Promise<never> => {
        throw new GraphQLError('The document is not on the list.', { extensions: { code } });
      };
      const plugin = { requestDidStart: async () => ({ didResolveOperation: refuse }) };
      const { query } = await startToyServer({ server: { plugins: [plugin] } });
      expect(errorsOf(await query('{ hello }'))).toEqual([
        { message: 'The document is not on the list.', extensions: { code } },
      ]);
    },
  );
});
