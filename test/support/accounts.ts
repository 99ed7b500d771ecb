import { randomUUID } from 'node:crypto';
import { systemScope } from '../../src/database/scopes.ts';
import { CreateAccountDocument } from '../generated/graphql.ts';
import type { TestApp } from './app.ts';

/** The viewers who may not write accounts. */
export const unprivileged = [
  'ANONYMOUS',
  'GUEST',
  'STANDARD',
  'SALES',
  'WAREHOUSE',
  'MANAGER',
  'ACCOUNT_MANAGER',
  'ACCOUNT_ADMIN',
];

/** The input of an account that no demo data has. */
export const newAccount = {
  name: 'New Ventures',
  billingEmail: 'billing@new.example',
  iban: 'DE89370400440532013000',
};

/** Creates an account with a name of its own, and returns its id. */
export async function makeAccount(app: TestApp, name = `Ventures ${randomUUID()}`): Promise<string> {
  const { createAccount } = await app
    .as('DEVELOPER')
    .query(CreateAccountDocument, { input: { ...newAccount, name } })
    .data();
  return createAccount?.id ?? '';
}

/** Returns the id and the account of a user. */
export async function userOf(app: TestApp, username: string): Promise<{ id: string; account: string | null }> {
  const [user] = await app.database.run(systemScope, (em) =>
    em.execute<{ id: string; account: string | null }[]>(
      'select id, account_id as account from users where username = ?',
      [username],
    ),
  );
  return user ?? { id: '', account: null };
}
