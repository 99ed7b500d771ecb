import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { explainAccess, OperationError, policyOf } from '../../src/access/index.ts';
import { explain, explained, policy, type Rest, SDL } from './explained.ts';
import { executable, guarded, viewer } from './support.ts';

/** Returns the grants that would allow the first coordinate of an operation. */
function remedies(operation: string, rest: Rest = {}): unknown {
  const { coordinates } = explained(operation, rest);
  return coordinates[0]?.remedies.map((keys) => keys.map(({ kind, name }) => `${kind} ${name}`.trim()).join(' + '));
}

const secret = (rest: Rest): unknown =>
  explained('{ page { secret } }', rest)
    .coordinates.at(-1)
    ?.remedies.map((keys) => keys.map(({ name }) => name));

describe('the remedies are the smallest grants that satisfy the requirements', () => {
  test.each<readonly [string, string, Rest, readonly string[]]>([
    ['nothing is needed', '{ me }', {}, []],
    ['signing in', '{ me }', { signedIn: false }, ['sign-in']],
    ['the smallest roles, and permissions', '{ either }', {}, ['role EDITOR', 'role AUDITOR', 'permission x:y']],
    [
      'for an anonymous viewer as well',
      '{ either }',
      { signedIn: false },
      ['role EDITOR', 'role AUDITOR', 'permission x:y'],
    ],
    ['a role for what is not owned', '{ note { by } }', {}, ['role EDITOR']],
    ['nothing can', '{ nobody }', {}, []],
    ['one key for each requirement', '{ three }', {}, ['role EDITOR + permission x:y + permission z']],
    ['none for a requirement that is open', '{ three }', { roles: ['AUDITOR'] }, ['permission x:y + permission z']],
    ['a role and a permission of one name', '{ twins }', {}, ['role EDITOR + permission EDITOR']],
    [
      'a role that brings the permission',
      '{ either }',
      { rolePermissions: { USER: ['x:y'] } },
      ['role USER', 'permission x:y'],
    ],
  ])('%s', (_name, operation, rest, expected) => {
    expect(remedies(operation, rest)).toEqual(expected);
  });

  test('names one grant for each of two requirements', () => {
    expect(secret({})).toEqual([['EDITOR', 'x:y']]);
    expect(secret({ roles: ['EDITOR'] })).toEqual([['x:y']]);
    expect(secret({ permissions: ['x:y'] })).toEqual([['EDITOR']]);
    expect(secret({ permissions: 'all' })).toEqual([['EDITOR']]);
    expect(secret({ roles: ['EDITOR'], permissions: 'all' })).toEqual([]);
    expect(secret({ rolePermissions: { ADMIN: 'all' } })).toEqual([['ADMIN']]);
  });
});

const errorsOf = (operation: string, rest: Rest = {}): readonly string[] => {
  try {
    explain(operation, rest);
    return [];
  } catch (error) {
    return error instanceof OperationError ? error.errors.map(({ message }) => message) : [String(error)];
  }
};

describe('an operation that could not be executed', () => {
  test('returns all validation errors', () => {
    expect(errorsOf('{ nope zzz }')).toEqual([
      'Cannot query field "nope" on type "Query". Did you mean "note"?',
      'Cannot query field "zzz" on type "Query".',
    ]);
  });

  test('returns the syntax error', () => {
    expect(errorsOf('{')).toEqual(['Syntax Error: Expected Name, found <EOF>.']);
  });

  test('has to be named if the document has several', () => {
    const document = 'query A { me } query B { me }';
    expect(errorsOf(document)).toEqual(['Name the operation to explain; the document holds A, B.']);
    expect(errorsOf(document, { operationName: 'C' })).toEqual(['No operation is named "C"; the document holds A, B.']);
    expect(errorsOf(document, { operationName: 'A' })).toEqual([]);
  });

  test('is refused for roles that are not a list', () => {
    expect(() => explain('{ me }', { roles: 'ADMIN' })).toThrow(
      'The roles of an access viewer must be a list of strings',
    );
  });
});

test('explainAccess takes a schema, guarded or not, and a parsed operation', () => {
  const request = { viewer: viewer(), operation: parse('{ me }') };
  const expected = explainAccess(policy, request);
  expect(explainAccess(executable(SDL), request)).toEqual(expected);
  const schema = guarded(SDL);
  expect(explainAccess(schema, request)).toEqual(expected);
  expect(explainAccess(policyOf(schema) ?? schema, request)).toEqual(expected);
  expect(() => explainAccess(executable('type Query { me: Int }'), request)).toThrow('Query.me: is undecided');
});
