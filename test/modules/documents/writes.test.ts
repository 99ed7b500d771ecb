import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CreateDocumentDocument,
  DeleteDocumentDocument,
  DocumentDocument,
  DocumentsAndAuthorsDocument,
  DocumentsDocument,
  UpdateDocumentDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { change, look, userId } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

interface Fields {
  readonly title?: string;
  readonly content?: string;
}

async function create(who: Who, fields: Fields = {}) {
  const input = { title: 'A title', content: 'A text', ...fields };
  const { createDocument } = await app.as(who).query(CreateDocumentDocument, { input }).data();
  if (!createDocument) {
    throw new Error('No document was made');
  }
  return createDocument;
}

async function read(id: string) {
  return (await app.as('GUEST').query(DocumentDocument, { id }).data()).document;
}

function documents(): Promise<unknown[]> {
  return look(app, 'select id, title, content, version from documents order by id');
}

describe('creating', () => {
  it('createDocument returns the document, as it is read from then on', async () => {
    const document = await create('GUEST', { title: '  Salt ', content: 'Line one\n\tline two 🦊 ' });
    expect(document).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      title: 'Salt',
      content: 'Line one\n\tline two 🦊 ',
      authorName: 'Guest',
      createdAt: app.clock.now().toISOString(),
      updatedAt: app.clock.now().toISOString(),
      version: 1,
    });
    expect(await read(document.id)).toEqual(document);
  });

  it('createDocument cannot set the author, or other columns', async () => {
    const before = await documents();
    for (const extra of ['author', 'authorName', 'author_id', 'id', 'version', 'createdAt']) {
      const source = `mutation { createDocument(input: { title: "T", content: "C", ${extra}: "x" }) { id } }`;
      const { status, body } = await app.as('GUEST').request(source);
      expect([status, body.errors?.[0]?.extensions?.['code']]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    }
    expect(await documents()).toEqual(before);
  });
});

describe('texts and titles', () => {
  it.each([
    [{ title: '' }],
    [{ title: ' \t ' }],
    [{ title: 'x'.repeat(201) }],
    [{ title: 'a\nb' }],
    [{ title: 'a\0' }],
    [{ title: '\ud800' }],
    [{ content: 'x'.repeat(50_001) }],
    [{ content: 'a\0' }],
    [{ content: '\udfff' }],
  ])('titles and texts that are not valid are refused, in new documents and old: %j', async (fields) => {
    const { id } = await create('GUEST');
    const before = await documents();
    const input = { title: 'A title', content: 'A text', ...fields };
    expect(await app.as('GUEST').query(CreateDocumentDocument, { input }).codes()).toEqual(['BAD_USER_INPUT']);
    const update = app.as('GUEST').query(UpdateDocumentDocument, { id, input: fields });
    expect(await update.codes()).toEqual(['BAD_USER_INPUT']);
    expect(await documents()).toEqual(before);
  });

  it.each(['', 'x'.repeat(50_000), '€'.repeat(50_000), 'a-b '.repeat(12_500), 'http://a.example/b?c=d '.repeat(2_000)])(
    'texts of any kind up to 50,000 characters are stored (%#)',
    async (content) => {
      const { id } = await create('GUEST', { content });
      expect((await read(id))?.content).toBe(content);
    },
  );

  it('a text of 50,000 different characters is stored', async () => {
    const letters = Array.from({ length: 25_000 }, (_, index) => `${String.fromCodePoint(0x4e00 + (index % 20_000))} `);
    const { id } = await create('GUEST', { content: letters.join('') });
    expect((await read(id))?.content).toHaveLength(50_000);
  });
});

describe('updating', () => {
  it('updateDocument changes the named fields, and keeps the others', async () => {
    const document = await create('GUEST');
    app.clock.advance(60);
    const { updateDocument } = await app
      .as('GUEST')
      .query(UpdateDocumentDocument, { id: document.id, input: { content: '' } })
      .data();
    const expected = { ...document, content: '', updatedAt: app.clock.now().toISOString(), version: 2 };
    expect(updateDocument).toEqual(expected);
    expect(await read(document.id)).toEqual(expected);
  });

  it.each([{}, { title: null }, { title: null, content: null }])(
    'updateDocument without a field changes nothing: %j',
    async (input) => {
      const document = await create('GUEST');
      app.clock.advance(60);
      const answer = await app.as('GUEST').query(UpdateDocumentDocument, { id: document.id, input }).data();
      expect(answer.updateDocument).toEqual(document);
    },
  );

  it('a document that an administrator updates keeps its author', async () => {
    const { id } = await create('GUEST');
    const input = { title: 'Corrected' };
    const { updateDocument } = await app.as('ADMIN').query(UpdateDocumentDocument, { id, input }).data();
    expect(updateDocument).toMatchObject({ title: 'Corrected', authorName: 'Guest' });
    await app.as('GUEST').query(UpdateDocumentDocument, { id, input }).data();
  });

  it('of concurrent updates of one version one succeeds', async () => {
    const { id } = await create('GUEST');
    const source = `mutation ($id: ID!, $input: UpdateDocumentInput!) { updateDocument(id: $id, input: $input) { version } }`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        app.as('GUEST').request(source, { id, input: { title: `Title ${index}`, version: 1 } }),
      ),
    );
    const codes = answers.map(({ body }) => body.errors?.[0]?.extensions?.['code'] ?? 'data');
    expect(codes.filter((code) => code === 'data')).toHaveLength(1);
    expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(19);
    expect((await read(id))?.version).toBe(2);
  });
});

describe('deleting', () => {
  it('deleteDocument returns the document as it was', async () => {
    const document = await create('GUEST');
    const { deleteDocument } = await app.as('GUEST').query(DeleteDocumentDocument, { id: document.id }).data();
    expect(deleteDocument).toEqual(document);
    expect(await app.as('GUEST').query(DeleteDocumentDocument, { id: document.id }).codes()).toEqual(['NOT_FOUND']);
  });
});

describe('the author’s name', () => {
  it.each(['GUEST', 'ADMIN'])('the author’s name changes when %s renames the author', async (who) => {
    const { id } = await create('GUEST');
    const own = 'mutation ($name: String!) { updateMe(input: { displayName: $name }) { id } }';
    const other = 'mutation ($id: ID!, $name: String!) { updateUser(id: $id, input: { displayName: $name }) { id } }';
    const guest = await userId(app, 'guest');
    const source = who === 'GUEST' ? own : other;
    const variables = { name: `Renamed by ${who}`, ...(who === 'GUEST' ? {} : { id: guest }) };
    expect((await app.as(who).request(source, variables)).body.errors).toBeUndefined();
    expect(await read(id)).toMatchObject({ authorName: `Renamed by ${who}`, version: 1 });
  });

  it('the author’s name is right after a concurrent rename', async () => {
    const rename = 'mutation ($name: String!) { updateMe(input: { displayName: $name }) { id } }';
    const create = 'mutation { createDocument(input: { title: "Race", content: "" }) { id } }';
    const actor = app.as('STANDARD');
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        index % 2 === 0 ? actor.request(create) : actor.request(rename, { name: `Name ${index}` }),
      ),
    );
    expect(answers.flatMap(({ body }) => body.errors ?? [])).toEqual([]);
    const names = await look(
      app,
      `select distinct author_name = display_name as same from documents
      join users on users.id = author_id where title = 'Race'`,
    );
    expect(names).toEqual([{ same: true }]);
  });

  it('the author’s name stays when the author is deactivated, and becomes “Removed user” when removed', async () => {
    const { id, authorName } = await create('WAREHOUSE');
    const warehouse = await userId(app, 'warehouse');
    const by = async (mutation: string): Promise<void> => {
      const source = `mutation ($id: ID!) { ${mutation}(id: $id) { id } }`;
      expect((await app.as('ADMIN').request(source, { id: warehouse })).body.errors).toBeUndefined();
    };
    await by('deactivateUser');
    expect(await read(id)).toMatchObject({ authorName, content: 'A text' });
    await by('removeUser');
    expect(await read(id)).toMatchObject({ authorName: 'Removed user', content: 'A text' });
    const listed = await app.as('ANONYMOUS').query(DocumentsDocument, { first: 200 }).data();
    expect(listed.documents?.nodes?.find((document) => document?.id === id)?.authorName).toBe('Removed user');
  });

  it('the author’s name stays when the row of the author is deleted', async () => {
    const { id } = await create('SALES');
    await change(app, `delete from users where username = 'sales'`);
    expect(await read(id)).toMatchObject({ authorName: 'Sales', content: 'A text' });
    const { documents } = await app.as('ADMIN').query(DocumentsAndAuthorsDocument, { first: 200 }).data();
    const orphan = documents?.nodes?.find((document) => document?.authorName === 'Sales');
    expect(orphan).toMatchObject({ author: null });
    await app.as('ADMIN').query(DeleteDocumentDocument, { id }).data();
  });
});

describe('reading', () => {
  it('authors and texts of many documents take as many statements as those of one', async () => {
    for (const first of [1, 40]) {
      await app.as('ADMIN').query(DocumentsAndAuthorsDocument, { first }).data();
      expect(app.statements).toHaveLength(2);
    }
  });
});

it('the trail records who did what to which document', async () => {
  const { id } = await create('GUEST');
  await app
    .as('GUEST')
    .query(UpdateDocumentDocument, { id, input: { title: 'B', version: 1 } })
    .data();
  await app
    .as('GUEST')
    .query(UpdateDocumentDocument, { id, input: { title: 'C', version: 1 } })
    .codes();
  await app.as('STANDARD').query(DeleteDocumentDocument, { id }).codes();
  await app.as('ADMIN').query(DeleteDocumentDocument, { id }).data();
  const trail = await look(
    app,
    `select username, action, details from audit_events join users on users.id = actor_id
     where target_id = ? order by audit_events.id`,
    id,
  );
  expect(trail).toEqual([
    { username: 'guest', action: 'document.created', details: {} },
    { username: 'guest', action: 'document.updated', details: { fields: ['title'] } },
    { username: 'admin', action: 'document.deleted', details: {} },
  ]);
});
