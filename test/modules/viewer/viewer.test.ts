import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AssignRoleDocument,
  CreateApiKeyDocument,
  CreateRoleDocument,
  ViewerDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { signIn } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const describeAs = async (who: string) => {
  const { viewer } = await app.as(who).query(ViewerDocument, { coordinates: [] }).data();
  return viewer;
};

const verdicts = async (who: string, coordinates: string[], at = app) => {
  const { viewer } = await at.as(who).query(ViewerDocument, { coordinates }).data();
  return viewer.can?.map(({ verdict }) => verdict);
};

describe('viewer', () => {
  it.each([
    ['ANONYMOUS', false, [], []],
    ['GUEST', true, ['GUEST'], ['GUEST']],
    ['STANDARD', true, ['STANDARD'], ['GUEST', 'STANDARD']],
    ['DEVELOPER', true, ['DEVELOPER'], ['DEVELOPER', 'GUEST', 'STANDARD']],
    ['WAREHOUSE', true, ['WAREHOUSE'], ['GUEST', 'SALES', 'STANDARD', 'WAREHOUSE']],
    ['ACCOUNT_ADMIN', true, ['ACCOUNT_ADMIN'], ['ACCOUNT_ADMIN', 'ACCOUNT_MANAGER', 'GUEST', 'STANDARD']],
  ])('viewer shows the name, roles and permissions of %s', async (who, signedIn, roles, effectiveRoles) => {
    const viewer = await describeAs(who);
    expect(viewer).toMatchObject({ signedIn, roles, effectiveRoles, permissions: [] });
    expect(viewer.id).toBe((await app.as(who).viewer()).id);
  });

  it.each(['ADMIN', 'SUPER_ADMIN'])('viewer lists every permission of the schema for %s', async (who) => {
    const { permissions } = await describeAs(who);
    expect(permissions).toEqual(expect.arrayContaining(['accounts:read', 'read:admin-messages']));
    expect(permissions).toEqual([...app.policy.permissions.keys()].toSorted());
  });

  it('viewer shows the roles that a session or a key activates, within what is assigned', async () => {
    const input = { name: 'VIEWED', inherits: ['SALES'], permissions: ['accounts:read'] };
    await app.as('ADMIN').query(CreateRoleDocument, { input }).data();
    const { id } = await app.as('ADMIN').viewer();
    await app
      .as('ADMIN')
      .query(AssignRoleDocument, { userId: id ?? '', role: 'VIEWED' })
      .data();
    const session = await signIn(app, 'admin', { roles: ['VIEWED'] });
    const { body } = await app.post({ query: '{ viewer { roles permissions } }' }, session.headers);
    expect(body.data?.['viewer']).toEqual({ roles: ['VIEWED'], permissions: ['accounts:read'] });

    const key = { name: 'k', roles: ['SALES'], permissions: ['read:admin-messages'] };
    const { createApiKey } = await app.as('ADMIN').query(CreateApiKeyDocument, { input: key }).data();
    const answer = await app.post(
      { query: '{ viewer { roles permissions } }' },
      { authorization: `Bearer ${createApiKey?.key}` },
    );
    expect(answer.body.data?.['viewer']).toEqual({ roles: ['SALES'], permissions: ['read:admin-messages'] });
  });

  it('viewer shows the same permissions as our tokens', async () => {
    const claims = async (roles: string[]) => decodeJwt((await signIn(app, 'admin', { roles })).accessToken);
    expect(await claims(['VIEWED'])).toMatchObject({ roles: ['VIEWED'], permissions: ['accounts:read'] });
    expect(await claims(['SALES'])).toMatchObject({ roles: ['SALES'], permissions: [] });
    expect(await claims(['ADMIN'])).toMatchObject({ permissions: [...app.policy.permissions.keys()].toSorted() });
  });
});

describe('viewer.can', () => {
  const coordinates = [
    'Query.publicMessage',
    'Query.me',
    'Query.users',
    'Query.accounts',
    'Mutation.addInventoryItem',
    'User.email',
    'Query.user(id:)',
    'CreateAccountInput.iban',
    'AccountOrderField.CREATED_AT',
    'Query.missing',
    'Missing.field',
    'Query.user(missing:)',
  ];

  it.each([
    ['ANONYMOUS', 'YES NO  NO  NO  NO  NO  NO  YES NO  NO NO NO'],
    ['GUEST', '    YES OWN NO  NO  NO  OWN OWN YES NO  NO NO NO'],
    ['STANDARD', ' YES OWN NO  NO  NO  OWN OWN YES NO  NO NO NO'],
    ['MANAGER', '  YES OWN NO  NO  YES OWN OWN YES NO  NO NO NO'],
    ['DEVELOPER', 'YES OWN NO  YES NO  OWN OWN YES YES NO NO NO'],
    ['ACCOUNT_ADMIN', 'YES YES NO NO NO YES YES YES YES NO NO NO'],
    ['ADMIN', '    YES YES YES YES YES YES YES YES YES NO NO NO'],
  ])('viewer.can answers every kind of coordinate for %s', async (who, expected) => {
    expect(await verdicts(who, coordinates)).toEqual(expected.trim().split(/\s+/));
  });

  it('viewer.can agrees with the matrix on every coordinate of the schema', async () => {
    const all = [...app.policy.rules.keys()];
    const { text } = await app
      .as('ADMIN')
      .request('{ accessMatrix(roles: [SALES, ACCOUNT_MANAGER]) { rows { coordinate cells } } }');
    const { rows } = JSON.parse(text).data.accessMatrix as { rows: { coordinate: string; cells: string[] }[] };
    for (const [column, who] of ['ANONYMOUS', 'SALES', 'ACCOUNT_MANAGER'].entries()) {
      const answered: (string | undefined)[] = [];
      for (let at = 0; at < all.length; at += 500) {
        answered.push(...((await verdicts(who, all.slice(at, at + 500))) ?? []));
      }
      const expected = new Map(rows.map(({ coordinate, cells }) => [coordinate, cells[column]]));
      expect(answered, who).toEqual(all.map((coordinate) => expected.get(coordinate)));
    }
  });

  it('viewer.can answers in the order of the argument, with repetitions', async () => {
    const asked = ['Query.users', 'Query.me', 'Query.users'];
    const { viewer } = await app.as('SALES').query(ViewerDocument, { coordinates: asked }).data();
    expect(viewer.can?.map(({ coordinate }) => coordinate)).toEqual(asked);
  });

  it.each([
    ['too many', Array.from({ length: 501 }, () => 'Query.me')],
    ['a type', ['User']],
    ['a directive', ['@auth']],
    ['an empty text', ['']],
    ['a line break', ['Query.me\n']],
    ['another form of argument', ['Query.user(id)']],
    ['a path', ['Query.me.id']],
    ['an endless one', [`Query.${'a'.repeat(300)}`]],
  ])('viewer.can refuses %s', async (_case, asked) => {
    const { errors = [], data } = (await app.as('ADMIN').request(VIEWER, { coordinates: asked })).body;
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([
      { code: 'BAD_USER_INPUT', field: 'coordinates' },
    ]);
    expect(data).toEqual({ viewer: { signedIn: true, can: null } });
  });

  it.each(['__proto__.constructor', 'constructor.name', 'Query.__proto__', 'Query.constructor', 'Query.__schema'])(
    'viewer.can answers NO for %s',
    async (coordinate) => {
      expect(await verdicts('ADMIN', [coordinate])).toEqual(['NO']);
    },
  );
});

const VIEWER = `query ($coordinates: [String!]!) { viewer { signedIn can(coordinates: $coordinates) { verdict } } }`;

describe('with SCHEMA_VISIBILITY=role', () => {
  let pruned: TestApp;
  beforeAll(async () => {
    pruned = await createTestApp({ environment: { SCHEMA_VISIBILITY: 'role' } });
  });
  afterAll(() => pruned.close());

  it.each(['ANONYMOUS', 'GUEST', 'SALES', 'DEVELOPER', 'ACCOUNT_ADMIN', 'ADMIN'])(
    'viewer.can answers %s for hidden coordinates as for missing ones, and the others as always',
    async (who) => {
      const all = [...pruned.policy.rules.keys()].filter((_, index) => index % 2 === 0).slice(0, 500);
      const { text } = await pruned.as(who).request(`{ schema: __schema { types { name
        fields(includeDeprecated: true) { name args { name } } inputFields { name } enumValues { name } } } }`);
      const shown = new Set((JSON.parse(text) as Shown).data.schema.types.flatMap(coordinatesOf));
      const open = await verdicts(who, all);
      const expected = all.map((coordinate, index) => (shown.has(coordinate) ? open?.[index] : 'NO'));
      expect(await verdicts(who, all, pruned)).toEqual(expected);
      expect(await verdicts(who, ['Query.missing'], pruned)).toEqual(['NO']);
    },
  );
});

interface Named {
  readonly name: string;
}
interface ShownType extends Named {
  readonly fields: readonly (Named & { readonly args: readonly Named[] })[] | null;
  readonly inputFields: readonly Named[] | null;
  readonly enumValues: readonly Named[] | null;
}
interface Shown {
  readonly data: { readonly schema: { readonly types: readonly ShownType[] } };
}

function coordinatesOf({ name: type, fields, inputFields, enumValues }: ShownType): string[] {
  const args = (fields ?? []).flatMap(({ name, args: own }) => own.map((each) => `${type}.${name}(${each.name}:)`));
  const members = [...(fields ?? []), ...(inputFields ?? []), ...(enumValues ?? [])];
  return [...members.map(({ name }) => `${type}.${name}`), ...args];
}
