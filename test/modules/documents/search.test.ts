import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentsDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { change, look } from '../../support/rows.ts';

let app: TestApp;

const stored = {
  'Keeping bees': 'A hive wants sun in the morning. Never open it in the rain.',
  'Bees and flowers': 'Clover feeds a hive; so does lavender.',
  'Roof repair': 'Work in dry weather. Call 555-0199 or write to roof@example.com.',
  'Café Zürich': 'Open on Sundays, straße und Ufer. O’Brien’s son’s hat.',
  'Release 2.10': 'rolegate.example/download, build v2.10.3',
};

beforeAll(async () => {
  app = await createTestApp();
  await change(app, 'delete from documents');
  for (const [title, content] of Object.entries(stored)) {
    await change(
      app,
      `insert into documents (id, title, content, author_id, author_name, created_at, updated_at)
       select gen_random_uuid(), ?, ?, id, display_name, now(), now() from users where username = 'guest'`,
      title,
      content,
    );
  }
});
afterAll(() => app.close());

async function found(who: Who, search: string): Promise<(string | undefined)[]> {
  const orderBy = { field: 'TITLE', direction: 'ASC' } as const;
  const { documents } = await app.as(who).query(DocumentsDocument, { filter: { search }, orderBy, first: 200 }).data();
  expect(documents?.totalCount).toBe(documents?.nodes?.length);
  return documents?.nodes?.map((document) => document?.title) ?? [];
}

const both = ['Bees and flowers', 'Keeping bees'];

describe('for signed-in viewers, titles and texts', () => {
  it.each([
    ['hive', both],
    ['HIVE', both],
    ['hive clover', ['Bees and flowers']],
    ['clov', ['Bees and flowers']],
    ['bee', both],
    ['bees hive', both],
    ['clover or rain', both],
    ['hive -clover', ['Keeping bees']],
    ['-hive', ['Café Zürich', 'Release 2.10', 'Roof repair']],
    ['"sun in the morning"', ['Keeping bees']],
    ['"morning in the sun"', []],
    ['555-0199', ['Roof repair']],
    ['roof@example.com', ['Roof repair']],
    ['zürich', ['Café Zürich']],
    ['ZÜRICH', ['Café Zürich']],
    ['café', ['Café Zürich']],
    ['brien', ['Café Zürich']],
    ['v2.10.3', ['Release 2.10']],
    ['2.10', ['Release 2.10']],
    ['iv', []],
    ['wasps', []],
  ])('a signed-in viewer who searches %s finds %j', async (search, titles) => {
    expect(await found('GUEST', search)).toEqual(titles);
  });
});

async function titlesFor(search: string): Promise<string> {
  return (await found('ANONYMOUS', search)).join();
}

describe('for the public, titles alone', () => {
  it.each([
    ['bees', both],
    ['BEE', both],
    ['keeping bees', ['Keeping bees']],
    ['"bees and"', ['Bees and flowers']],
    ['hive', []],
    ['bees -hive', both],
    ['bees -clover', both],
    ['-hive', ['Bees and flowers', 'Café Zürich', 'Keeping bees', 'Release 2.10', 'Roof repair']],
    ['bees or clover', both],
    ['bees clover', []],
    ['"bees a hive"', []],
  ])('an anonymous viewer who searches %s finds %j', async (search, titles) => {
    expect(await found('ANONYMOUS', search)).toEqual(titles);
  });

  it('an anonymous search never finds a word that occurs in a text only', async () => {
    const words = [...new Set(Object.values(stored).join(' ').match(/\w+/g) ?? [])];
    const asked = fc.constantFrom(...words).chain((word) => fc.constantFrom(word, `-${word}`, `bees or ${word}`));
    const without = new Map<string, string[]>();
    const texts = await look<{ id: string; content: string }>(app, 'select id, content from documents');
    const searches = fc.sample(asked, { numRuns: 60, seed: 6 });
    for (const search of searches) {
      without.set(search, [await titlesFor(search)]);
    }
    await change(app, `update documents set content = ''`);
    for (const search of searches) {
      without.get(search)?.push(await titlesFor(search));
    }
    for (const { id, content } of texts) {
      await change(app, 'update documents set content = ? where id = ?', content, id);
    }
    expect([...without].filter(([, [before, after]]) => before !== after)).toEqual([]);
  });
});

describe('the text of a search', () => {
  const NASTY = `'"\\:*&|!()<>-?%_$;{}[] aA1é€🦊`.split('');

  it.each([
    `'`,
    `''`,
    `\\`,
    `'\\'`,
    ':*',
    '&',
    '|',
    '!',
    '!!',
    '( )',
    '<->',
    'a:*',
    `'a':*`,
    '?',
    '??',
    '$1',
    '""',
    '"',
    '-',
  ])('characters of query syntax are searched as text: %j', async (search) => {
    await expect(found('GUEST', search)).resolves.toBeDefined();
    await expect(found('ANONYMOUS', search)).resolves.toBeDefined();
  });

  it('every random text of special characters gets an answer', async () => {
    const text = fc.string({ unit: fc.constantFrom(...NASTY), minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, async (search) => {
        const isText = search.isWellFormed() && !search.includes('\0');
        const query = app.as('GUEST').query(DocumentsDocument, { filter: { search } });
        const codes = isText ? await query.data().then(() => []) : await query.codes();
        expect(codes).toEqual(isText ? [] : ['BAD_USER_INPUT']);
      }),
      { numRuns: 150 },
    );
  });

  it.each(['\0', 'bees\0', '\ud800', 'bees \udfff'])(
    'a search with characters that a text cannot hold is refused: %j',
    async (search) => {
      const codes = await app.as('GUEST').query(DocumentsDocument, { filter: { search } }).codes();
      expect(codes).toEqual(['BAD_USER_INPUT']);
    },
  );

  it.each(['x', 'bees ', '-', '- ', '-(', '-"', '-_!', '"', '" ', "'", 'or or-', 'q-', '-q ', '--q ', '🦊', '\\'])(
    'a search has at most 500 characters: %jx',
    async (piece) => {
      const search = piece.repeat(500).slice(0, 500);
      await expect(found('GUEST', search)).resolves.toBeDefined();
      await expect(found('GUEST', `${search.slice(0, 495).toWellFormed()} bees`)).resolves.toBeDefined();
      const tooLong = app.as('GUEST').query(DocumentsDocument, { filter: { search: `${search}x` } });
      expect(await tooLong.codes()).toEqual(['BAD_USER_INPUT']);
    },
  );

  it.each(everyViewer)('an empty search lists every document for %s', async (who) => {
    expect(await found(who, '')).toHaveLength(Object.keys(stored).length);
  });
});

it.each(['words', 'title_words'])('an index serves the search of %s, behind row-level security', async (column) => {
  const role = column === 'words' ? 'rolegate_viewer_self_own' : 'rolegate_public';
  const plan = await app.database.run({ role, viewerId: null, accountId: null }, async (em) => {
    await em.execute('set local enable_seqscan = off');
    return em.execute<object[]>(
      `explain select id from documents
       where ${column} @@ regexp_replace(websearch_to_tsquery('simple', 'hive')::text, '''(''''|[^''])+''', '\\&:*', 'g')::tsquery`,
    );
  });
  expect(JSON.stringify(plan)).toContain(`documents_${column}`);
});
