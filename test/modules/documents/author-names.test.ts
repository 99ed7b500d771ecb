import { afterAll, beforeAll, expect, it } from 'vitest';
import { DocumentsDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { everyViewer } from '../../support/outcomes.ts';

let published: TestApp;
let kept: TestApp;
beforeAll(async () => {
  published = await createTestApp();
  kept = await createTestApp({ environment: { PUBLIC_AUTHOR_NAMES: 'false' } });
});
afterAll(async () => {
  await published.close();
  await kept.close();
});

async function namesFor(app: TestApp, who: string): Promise<readonly unknown[]> {
  const { documents } = await app.as(who).query(DocumentsDocument, { first: 5 }).data();
  return documents?.nodes?.map((node) => node?.authorName) ?? [];
}

it.each(everyViewer)('%s reads the names of authors, an anonymous viewer only if these are published', async (who) => {
  expect(await namesFor(published, who)).toEqual(Array.from({ length: 5 }, () => expect.any(String)));
  const kinds = (await namesFor(kept, who)).map((name) => typeof name);
  expect(kinds).toEqual(Array<string>(5).fill(who === 'ANONYMOUS' ? 'object' : 'string'));
});
