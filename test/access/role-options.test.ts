import { describe, expect, test } from 'vitest';
import { accessMatrix, explainAccess, matrixMarkdown, parseMatrix } from '../../src/access/index.ts';
import { attackSchema, attackServer } from '../../src/testing/index.ts';
import { ANONYMOUS, guarded } from './support.ts';

const SDL = 'type Query { a: Int @auth }';
const schema = guarded(SDL);

const send = (): Promise<object> => Promise.resolve({});

describe('roles in options', () => {
  test.each<readonly [string, () => unknown, RegExp]>([
    [
      'accessMatrix of two columns of one name',
      () => accessMatrix(schema, { columns: ['A', 'A'].map((name) => ({ name, roles: [], permissions: [] })) }),
      /columns of accessMatrix must be a list of viewers, .* with a name of its own/,
    ],
    [
      'accessMatrix of a column called anonymous',
      () => accessMatrix(schema, { columns: [{ name: 'anonymous', roles: [], permissions: [] }] }),
      /columns of accessMatrix must be a list of viewers, .* with a name of its own/,
    ],
    [
      'accessMatrix of a column without roles',
      () => accessMatrix(schema, { columns: [{ name: 'A', permissions: [] } as never] }),
      /The roles of an access viewer must be a list of strings/,
    ],
    [
      'accessMatrix of a column of a misspelt role',
      () => accessMatrix(schema, { columns: [{ name: 'A', roles: ['admin'], permissions: [] }] }),
      /^The column "A" of accessMatrix names "admin", which is not a role; is "ADMIN" meant\? The roles are ADMIN, EDITOR, AUDITOR, USER$/,
    ],
    [
      'accessMatrix of the permissions of a misspelt role',
      () => accessMatrix(schema, { rolePermissions: { ADMNI: 'all' } }),
      /^The option rolePermissions of accessMatrix names "ADMNI", which is not a role; is "ADMIN" meant\?/,
    ],
    [
      'accessMatrix of the permissions of an unknown role',
      () => accessMatrix(schema, { rolePermissions: { ADMIN: 'all', constructor: [] } }),
      /names "constructor", which is not a role; the roles are ADMIN, EDITOR, AUDITOR, USER$/,
    ],
    [
      'explainAccess with the permissions of a misspelt role',
      () => explainAccess(schema, { viewer: ANONYMOUS, operation: '{ a }', rolePermissions: { ADMIM: [] } }),
      /^The option rolePermissions of explainAccess names "ADMIM", which is not a role; is "ADMIN" meant\?/,
    ],
  ])('%s: refused with an explanation', (_name, call, message) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  test('a column may hold its roles in an iterator, and a name may hold any character', () => {
    const columns = [{ name: 'A | B', roles: ['ADMIN'].values(), permissions: [] }];
    const matrix = accessMatrix(schema, { columns });
    expect(matrix.rows.find(({ coordinate }) => coordinate === 'Query.a')?.cells).toEqual(['denied', 'allowed']);
    expect(parseMatrix(matrixMarkdown(matrix)).columns).toEqual(['anonymous', 'A | B']);
  });

  test('the attack suite refuses the permissions of a misspelt role, and misspelt viewers', async () => {
    await expect(attackSchema({ schema, rolePermissions: { ADMON: 'all' } })).rejects.toThrow(
      /rolePermissions of the attack suite names "ADMON", which is not a role; is "ADMIN" meant\?/,
    );
    await expect(attackServer({ schema, send, viewers: ['Anonymous'] })).rejects.toThrow(
      'viewers of attackServer names Anonymous; is "anonymous" meant? There are anonymous,',
    );
  });
});
