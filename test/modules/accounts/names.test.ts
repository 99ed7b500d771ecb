import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CreateAccountDocument, UpdateAccountDocument, UpdateMyAccountDocument } from '../../generated/graphql.ts';
import { newAccount } from '../../support/accounts.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { codesOf } from '../../support/signed-in.ts';
import { change, look } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const taken = 'Straße & Söhne';
const create = (name: string, who = 'DEVELOPER') =>
  app.as(who).query(CreateAccountDocument, { input: { ...newAccount, name } });

async function fresh(): Promise<string> {
  const { createAccount } = await create(`Fresh ${crypto.randomUUID()}`).data();
  return createAccount?.id ?? '';
}

describe('the name of an account', () => {
  beforeAll(async () => {
    await create(taken).data();
  });

  const same = [
    ['itself', taken],
    ['in capitals', 'STRASSE & SÖHNE'],
    ['in lower case', 'strasse & söhne'],
    ['decomposed', taken.normalize('NFD')],
    ['in wide letters', 'Ｓｔｒａße & Söhne'],
    ['between blanks', `  ${taken} `],
  ] as const;

  it.each(same)('a name is unique: %s', async (_, name) => {
    const id = await fresh();
    const [error] = await create(name).errors();
    expect(error).toMatchObject({
      message: 'Another account has this name',
      extensions: { code: 'CONFLICT', field: 'input.name' },
    });
    const developer = app.as('DEVELOPER');
    expect(await developer.query(UpdateAccountDocument, { id, input: { name } }).codes()).toEqual(['CONFLICT']);
    const own = app.as('ACCOUNT_ADMIN').query(UpdateMyAccountDocument, { input: { name } });
    expect(await own.codes()).toEqual(['CONFLICT']);
    expect(await look(app, 'select 1 from accounts where name = ?', name.trim().normalize('NFC'))).toHaveLength(
      name.trim().normalize('NFC') === taken ? 1 : 0,
    );
  });

  it('an account may change the spelling of its name, and a renamed account frees its name', async () => {
    const { createAccount } = await create('Once Ours').data();
    const id = createAccount?.id ?? '';
    const rename = (name: string) => app.as('DEVELOPER').query(UpdateAccountDocument, { id, input: { name } }).data();
    expect((await rename('ONCE OURS')).updateAccount?.name).toBe('ONCE OURS');
    await rename('Now Another');
    expect((await create('once ours').data()).createAccount?.name).toBe('once ours');
  });

  it('one of several concurrent requests gets a name', async () => {
    const input = { ...newAccount, name: 'Wanted by Four' };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => app.as('DEVELOPER').request(CreateAccountDocument, { input })),
    );
    expect(answers.flatMap(codesOf)).toEqual(Array<string>(3).fill('CONFLICT'));
  });

  it('viewers who may not write get the same refusal for any name', async () => {
    for (const who of everyViewer.filter((role) => !['DEVELOPER', 'ADMIN', 'SUPER_ADMIN'].includes(role))) {
      const [there, free] = [await create(taken, who).errors(), await create('Free', who).errors()];
      expect(there).toEqual(free);
    }
  });

  it('a name from before names were unique stays until it changes', async () => {
    const id = await fresh();
    await change(app, 'update accounts set name = ?, name_key = null where id = ?', taken, id);
    const update = (input: object) => app.as('DEVELOPER').query(UpdateAccountDocument, { id, input });
    expect((await update({ status: 'SUSPENDED' }).data()).updateAccount?.name).toBe(taken);
    expect(await update({ name: taken }).codes()).toEqual(['CONFLICT']);
    expect((await update({ name: 'Straße & Töchter' }).data()).updateAccount?.name).toBe('Straße & Töchter');
  });
});

describe('description and phone', () => {
  const given = { description: 'Two\nlines', phone: '+49301234567' };

  it('description and phone are stored, changed, kept where they are left out, and removed by null', async () => {
    const developer = app.as('DEVELOPER');
    const { createAccount } = await developer
      .query(CreateAccountDocument, { input: { ...newAccount, ...given, name: 'Described' } })
      .data();
    expect(createAccount).toMatchObject(given);
    const id = createAccount?.id ?? '';
    const update = (input: object) => developer.query(UpdateAccountDocument, { id, input }).data();
    expect((await update({ iban: null })).updateAccount).toMatchObject(given);
    expect((await update({ description: null, phone: null })).updateAccount).toMatchObject({
      description: null,
      phone: null,
    });
  });

  it('an ACCOUNT_ADMIN changes description and phone of their own account', async () => {
    const { updateMyAccount } = await app.as('ACCOUNT_ADMIN').query(UpdateMyAccountDocument, { input: given }).data();
    expect(updateMyAccount).toMatchObject(given);
  });

  it.each([
    ['a text of 2,001 characters', { description: 'a'.repeat(2_001) }],
    ['NUL', { description: 'a\0' }],
    ['half a character', { description: '\ud800' }],
    ['a number without country code', { phone: '030123456' }],
    ['words', { phone: 'call me' }],
  ])('description and phone are refused if they are %s', async (_, bad) => {
    const { body } = await app.as('DEVELOPER').request(CreateAccountDocument, { input: { ...newAccount, ...bad } });
    expect(codesOf({ body })).toEqual(['BAD_USER_INPUT']);
  });
});
