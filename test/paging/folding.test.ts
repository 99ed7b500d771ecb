import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldName } from '../../src/lib/names.ts';
import { AddInventoryItemDocument } from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { change, look } from '../support/rows.ts';

let app: TestApp;

/** Names as they are stored, searches for words of them, and searches for any part of them. */
const EQUAL: readonly (readonly [name: string, words: readonly string[], parts: readonly string[]])[] = [
  ['Müller', ['MÜLLER', 'Mu\u0308ller', 'mU\u0308LLER', '  müller ', '\u00A0Müller\u3000'], ['ÜLLE', 'u\u0308lle']],
  ['Ὀδυσσεύς', ['ὈΔΥΣΣΕΎΣ', 'ὀδυσσεύσ', 'ὀδυς'], ['ΣΣΕΎΣ', 'ύσ', 'ς', 'Σ']],
  ['Straße am Weg', ['STRASSE AM WEG', 'strasse', 'STRAẞE'], ['ße am', 'SSE AM', 'ẞ']],
  ['Preussen', ['Preußen', 'PREUẞEN'], ['reuße']],
  ['ẞharp', ['ßharp', 'ssharp', 'SSHARP'], []],
  ['ﬁne ﬂow', ['fine flow', 'FINE', 'ﬂow'], ['ine ﬂ']],
  ['coffin', ['coﬃn', 'COﬃN'], ['ﬃ']],
  ['Ｆｕｌｌ１２３', ['full123', 'FULL123', 'Ｆｕｌｌ'], ['１２３', '23']],
  ['half 123', ['ｈａｌｆ　１２３', 'HALF 123'], ['f　1']],
  ['İstanbul', ['i\u0307stanbul', 'İSTANBUL'], ['STANB']],
  ['ガイド', ['ｶﾞｲﾄﾞ'], ['ｲﾄﾞ']],
  ['100% a_b c\\d', [], ['００％', 'ａ＿ｂ', 'c＼d', '100% A_B C\\D', '%', '_']],
  ['Ångström', ['\u212Bngstro\u0308m', 'A\u030Angström'], ['STRÖ']],
  ['Đặng', ['đa\u0323\u0306ng', 'ĐẶNG'], ['ặn']],
];

beforeAll(async () => {
  app = await createTestApp();
  for (const [at, [name]] of EQUAL.entries()) {
    await change(
      app,
      `insert into accounts (id, name, status, billing_email, created_at, updated_at)
       values (gen_random_uuid(), ?, 'ACTIVE', 'a@example.com', now(), now())`,
      name,
    );
    await change(
      app,
      `insert into users (id, username, email, email_key, display_name, active, created_at, updated_at)
       values (gen_random_uuid(), ?, ?, ?, ?, true, now(), now())`,
      `folded-${at}`,
      `f${at}@example.org`,
      `f${at}@example.org`,
      name,
    );
    const document = `insert into documents (id, title, content, author_name, created_at, updated_at)
       values (gen_random_uuid(), ?, ?, 'x', now(), now())`;
    await change(app, document, name, '');
    await change(app, document, 'text', name);
    await change(app, `insert into roles (name, description, built_in) values (?, ?, false)`, `folded_${at}`, name);
    await app
      .as('MANAGER')
      .query(AddInventoryItemDocument, { input: { name, data: { count: 1 } } })
      .data();
  }
});
afterAll(() => app.close());

/** The lists, and the field of each that holds the stored name. */
const LISTS = { accounts: 'name', users: 'displayName', inventoryItems: 'name', roles: 'description' } as const;

const CASES = EQUAL.flatMap(([name, words, parts]) => [name, ...words, ...parts].map((search) => ({ name, search })));

describe('a search folds as names do', () => {
  it.each(CASES)('the name $name is found by $search', async ({ name, search }) => {
    const lists = Object.entries(LISTS).map(
      ([list, field]) => `${list}(filter: { search: $search }, first: 200) { nodes { found: ${field} } }`,
    );
    const found = await app
      .as('ADMIN')
      .query(`query ($search: String!) { ${lists.join(' ')} }`, { search })
      .data();
    for (const list of Object.keys(LISTS)) {
      expect({ list, ...(found[list] as object) }).toEqual({
        list,
        nodes: expect.arrayContaining([{ found: name }]),
      });
    }
  });

  it.each(EQUAL.flatMap(([name, words]) => words.map((search) => ({ name, search }))))(
    'documents with $name are found by $search',
    async ({ name, search }) => {
      const query = 'query ($search: String!) { documents(filter: { search: $search }) { nodes { title content } } }';
      expect(await app.as('ADMIN').query(query, { search }).data()).toEqual({
        documents: {
          nodes: expect.arrayContaining([
            { title: name, content: '' },
            { title: 'text', content: name },
          ]),
        },
      });
      const titles = 'query ($search: String!) { documents(filter: { search: $search }) { nodes { title } } }';
      expect(await app.as('ANONYMOUS').query(titles, { search }).data()).toEqual({
        documents: { nodes: [{ title: name }] },
      });
    },
  );

  it.each(['－', '－（', '＂', '－ｂ '])('%j is searched as its ASCII characters, however often', async (piece) => {
    const query = 'query ($search: String!) { documents(filter: { search: $search }) { totalCount } }';
    const ask = async (search: string) => app.as('ADMIN').query(query, { search }).data();
    const search = piece.repeat(100);
    expect(await ask(search)).toEqual(await ask(search.normalize('NFKC')));
  });
});

it('the database folds text as the server does', async () => {
  // U+1C89 is a capital only since Unicode 16.
  const rows = await look<{ code: number; folded: string }>(
    app,
    `select code, rolegate_fold(chr(code)) as folded from generate_series(1, 12287) as code where code <> 7305`,
  );
  const different = rows.filter(({ code, folded }) => folded !== foldName(String.fromCodePoint(code)));
  expect(different).toEqual([]);
  for (const { code } of rows) {
    const folded = foldName(String.fromCodePoint(code));
    expect(foldName(folded)).toBe(folded);
  }
  for (const [name] of EQUAL) {
    const [row] = await look<{ folded: string }>(app, 'select rolegate_fold(?) as folded', name);
    expect(row?.folded).toBe(foldName(name));
  }
});
