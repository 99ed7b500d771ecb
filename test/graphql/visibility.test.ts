import { buildClientSchema, type IntrospectionQuery, getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ environment: { SCHEMA_VISIBILITY: 'role' } });
});
afterAll(() => app.close());

async function fieldsOf(who: string, type: 'Query' | 'Mutation'): Promise<string[]> {
  const { body } = await app.as(who).request(getIntrospectionQuery());
  const schema = buildClientSchema(body.data as unknown as IntrospectionQuery);
  const root = type === 'Query' ? schema.getQueryType() : schema.getMutationType();
  return Object.keys(root?.getFields() ?? {});
}

describe('with SCHEMA_VISIBILITY=role', () => {
  it('each viewer sees the part of the schema that they could reach', async () => {
    expect(await fieldsOf('ANONYMOUS', 'Query')).not.toContain('accounts');
    expect(await fieldsOf('ANONYMOUS', 'Mutation')).toEqual(
      expect.arrayContaining(['login', 'refreshSession', 'requestPasswordReset']),
    );
    expect(await fieldsOf('DEVELOPER', 'Query')).toEqual(expect.arrayContaining(['accounts', 'me']));
    expect(await fieldsOf('DEVELOPER', 'Query')).not.toContain('users');
    expect(await fieldsOf('ADMIN', 'Query')).toEqual(expect.arrayContaining(['accounts', 'users', 'auditEvents']));
  });

  it.each(['ANONYMOUS', 'DEVELOPER', 'ACCOUNT_ADMIN'])(
    'the answer to %s is the same for a hidden field and one that does not exist',
    async (who) => {
      const hidden = await app.as(who).request('{ users { totalCount } }');
      const missing = await app.as(who).request('{ userz { totalCount } }');
      expect(hidden.status).toBe(400);
      expect(hidden.body.errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(hidden.text).toBe(missing.text.replaceAll('userz', 'users'));
      expect(hidden.text).not.toContain('Did you mean');
    },
  );

  it('visible fields are executed', async () => {
    const { body } = await app.as('DEVELOPER').request('{ __typename accounts(first: 1) { nodes { name } } }');
    expect(body).toEqual({ data: { __typename: 'Query', accounts: { nodes: [{ name: 'Alder Analytics' }] } } });
  });

  it('the use of a hidden field is audited as a denial', async () => {
    await app.audit.denials.flush('all');
    await app.as('SALES').request('{ me { id } hidden: users { nodes { id } } nothing }');
    await app.as('ANONYMOUS').request('{ accounts { nodes { iban } } }');
    await app.audit.denials.flush('all');
    const { text } = await app
      .as('ADMIN')
      .request('{ auditEvents(filter: { action: "access.denied" }) { nodes { target details } } }');
    for (const coordinate of ['Query.users', 'Query.accounts', 'Account.iban']) {
      expect(text).toContain(`"${coordinate}"`);
    }
    expect(text).not.toContain('"Query.me"');
  });
});
