import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CreateDocumentDocument,
  DeleteDocumentDocument,
  DocumentAndAuthorDocument,
  DocumentDocument,
  DocumentsAndTextsDocument,
  DocumentsDocument,
  UpdateDocumentDocument,
} from '../../generated/graphql.ts';
import type { Answer } from '../../support/answer.ts';
import { type Actor, createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { everyViewer, expectOutcome, type Outcome } from '../../support/outcomes.ts';
import { addPeople, people } from '../../support/people.ts';
import { change, look, userId } from '../../support/rows.ts';

let app: TestApp;
let id: string;

beforeAll(async () => {
  app = await createTestApp();
  await addPeople(app);
  id = crypto.randomUUID();
});
afterAll(() => app.close());

beforeEach(async () => {
  await change(app, `delete from documents where id = ? or title like 'Mine%'`, id);
  await change(
    app,
    `insert into documents (id, title, content, author_id, author_name, created_at, updated_at)
     select case username when 'author' then ?::uuid else gen_random_uuid() end, 'Mine, by ' || username,
       'Kept from the public', id, display_name, now(), now()
     from users where username in ('author', 'otherauthor')`,
    id,
  );
});

const MISSING = '00000000-0000-4000-8000-000000000000';
const NO_UUIDS = ['', '0', 'x', `${MISSING}0`, MISSING.replaceAll('-', ''), "' or true --", '١'];

const input = { title: 'Mine too', content: 'Anything' };

interface Operation {
  readonly path: string;
  readonly writes: boolean;
  /** The outcome for each viewer who is not listed in `exceptions`. */
  readonly anonymous: Outcome;
  readonly signedIn: Outcome;
  readonly exceptions: readonly Who[];
  readonly run: (actor: Actor) => Answer<object>;
}

const writers = ['author', 'ADMIN', 'SUPER_ADMIN'];

const operations: readonly Operation[] = [
  {
    path: 'documents',
    writes: false,
    anonymous: 'data',
    signedIn: 'data',
    exceptions: [],
    run: (who) => who.query(DocumentsDocument),
  },
  {
    path: 'document',
    writes: false,
    anonymous: 'UNAUTHENTICATED',
    signedIn: 'data',
    exceptions: [],
    run: (who) => who.query(DocumentDocument, { id }),
  },
  {
    path: 'createDocument',
    writes: true,
    anonymous: 'UNAUTHENTICATED',
    signedIn: 'data',
    exceptions: [],
    run: (who) => who.query(CreateDocumentDocument, { input }),
  },
  {
    path: 'updateDocument',
    writes: true,
    anonymous: 'UNAUTHENTICATED',
    signedIn: 'FORBIDDEN',
    exceptions: writers,
    run: (who) => who.query(UpdateDocumentDocument, { id, input }),
  },
  {
    path: 'deleteDocument',
    writes: true,
    anonymous: 'UNAUTHENTICATED',
    signedIn: 'FORBIDDEN',
    exceptions: writers,
    run: (who) => who.query(DeleteDocumentDocument, { id }),
  },
];

function tableOf({ anonymous, signedIn, exceptions }: Operation): [Who, Outcome][] {
  return [...everyViewer, ...people].map((who) => {
    if (who === 'ANONYMOUS') {
      return [who, anonymous];
    }
    return [who, exceptions.includes(who) ? 'data' : signedIn];
  });
}

function stored(): Promise<unknown[]> {
  return look(app, 'select id, title, content, author_id, version from documents order by id');
}

describe.each(operations)('$path', (operation) => {
  const { path, writes, run } = operation;

  it.each(tableOf(operation))('the operation answers %s with %s', async (who, outcome) => {
    const before = await stored();
    // The service, not a directive, refuses signed-in viewers.
    const coordinate = outcome === 'UNAUTHENTICATED' ? `${writes ? 'Mutation' : 'Query'}.${path}` : null;
    await expectOutcome(run(app.as(who)), outcome, { path, ...(coordinate === null ? {} : { coordinate }) });
    const changed = JSON.stringify(await stored()) !== JSON.stringify(before);
    expect(changed).toBe(writes && outcome === 'data');
  });
});

const signedIn = [...everyViewer.filter((who) => who !== 'ANONYMOUS'), ...people];

describe('a document that does not exist', () => {
  it.each(signedIn)('%s gets NOT_FOUND, with the same answer for every id', async (who) => {
    const ways = [
      (id: string): Answer<object> => app.as(who).query(DocumentDocument, { id }),
      (id: string): Answer<object> => app.as(who).query(UpdateDocumentDocument, { id, input }),
      (id: string): Answer<object> => app.as(who).query(DeleteDocumentDocument, { id }),
    ];
    for (const ask of ways) {
      const answers = await Promise.all(
        [MISSING, ...NO_UUIDS].map(async (missing) => JSON.stringify(await ask(missing).partial())),
      );
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain('"code":"NOT_FOUND"');
    }
  });

  it('anonymous viewers do not learn which ids exist', async () => {
    const source = 'query ($id: ID!) { document(id: $id) { title } }';
    const answers = await Promise.all([id, MISSING, 'x'].map((id) => app.as('ANONYMOUS').request(source, { id })));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });
});

describe('texts', () => {
  it('signed-in viewers read texts in lists', async () => {
    const { documents } = await app.as('GUEST').query(DocumentsAndTextsDocument, { first: 200 }).data();
    expect(documents?.nodes?.every((document) => (document?.content?.length ?? 0) > 0)).toBe(true);
    expect(app.statements).toHaveLength(2);
  });

  it('anonymous viewers are denied each text in a list, and the column is never read', async () => {
    const { data, errors } = await app.as('ANONYMOUS').query(DocumentsAndTextsDocument, { first: 3 }).partial();
    expect(data?.documents?.nodes?.map((document) => document?.content)).toEqual([null, null, null]);
    expect(errors.map(({ extensions }) => extensions)).toEqual(
      Array.from({ length: 3 }, () => ({ code: 'UNAUTHENTICATED', coordinate: 'Document.content' })),
    );
    expect(app.statements).toHaveLength(1);
    expect(app.statements.join()).not.toContain('content');
  });

  it.each(['content', 'words', '*'])('SQL in the public scope cannot read the column: %s', async (column) => {
    const scope = { role: 'rolegate_public', viewerId: null, accountId: null } as const;
    const read = app.database.run(scope, (em) => em.execute(`select ${column} from documents`));
    await expect(read).rejects.toThrow(/permission denied/);
  });
});

describe('the author, as a user', () => {
  beforeEach(() =>
    change(
      app,
      `delete from role_assignments where role = 'ACCOUNT_MANAGER' and user_id in
      (select id from users where username in ('otherauthor', 'otheraccount'))`,
    ),
  );

  it.each(['author', 'ADMIN', 'SUPER_ADMIN'])('%s reads the author of a document', async (who) => {
    const { document } = await app.as(who).query(DocumentAndAuthorDocument, { id }).data();
    expect(document).toEqual({
      authorName: 'The author',
      author: { id: await userId(app, 'author'), email: 'author@example.org' },
    });
  });

  it.each(['GUEST', 'STANDARD', 'MANAGER', 'DEVELOPER', 'otherauthor', 'otheraccount'])(
    '%s is denied the author, and reads the name',
    async (who) => {
      const { body } = await app.as('ADMIN').request(DocumentAndAuthorDocument, { id });
      expect(body.errors).toBeUndefined();
      const { data, errors } = await app.as(who).query(DocumentAndAuthorDocument, { id }).partial();
      expect(data?.document).toEqual({ authorName: 'The author', author: null });
      expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(['FORBIDDEN']);
    },
  );

  it.each([
    ['otherauthor', true],
    ['otheraccount', false],
  ])('managers read authors of their own account only: %s, %s', async (manager, shown) => {
    await change(
      app,
      `insert into role_assignments (user_id, role) select id, 'ACCOUNT_MANAGER' from users where username = ?`,
      manager,
    );
    const { document } = await app.as(manager).query(DocumentAndAuthorDocument, { id }).data();
    expect(document?.author?.email).toBe(shown ? 'author@example.org' : undefined);
    expect(document?.authorName).toBe('The author');
  });
});

describe('row-level security', () => {
  const writes = [
    `update documents set title = 'x' where id = ?`,
    'delete from documents where id = ?',
    'select * from documents where id = ? for update',
  ];

  it.each(writes)('only the author and administrators reach a row for: %s', async (sql) => {
    const otherId = await userId(app, 'otherauthor');
    const scope = { role: 'rolegate_viewer_self_own', viewerId: otherId, accountId: null } as const;
    const before = await stored();
    expect(await app.database.run(scope, (em) => em.execute(sql, [id]))).toMatchObject([]);
    expect(await stored()).toEqual(before);
  });

  it('no user writes in the name of another', async () => {
    const authorId = await userId(app, 'author');
    const scope = {
      role: 'rolegate_viewer_self_own',
      viewerId: await userId(app, 'otherauthor'),
      accountId: null,
    } as const;
    const insert = app.database.run(scope, (em) =>
      em.execute(
        `insert into documents (id, title, content, author_id, author_name, created_at, updated_at)
         values (gen_random_uuid(), 'Mine', '', ?, 'The author', now(), now())`,
        [authorId],
      ),
    );
    await expect(insert).rejects.toThrow(/row-level security/);
  });
});
