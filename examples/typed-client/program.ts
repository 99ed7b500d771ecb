import { setTimeout as pause } from 'node:timers/promises';
import { Refused, Session } from './client.ts';
import {
  ChangesDocument,
  ClearDocument,
  DiscardDocument,
  ReadDocument,
  RewriteDocument,
  SellDocument,
  StackDocument,
  StockDocument,
  type StockQuery,
  WhoAndAccountsDocument,
  WriteDocument,
} from './generated/graphql.ts';

/** Receives each line of the program's report. */
export type Say = (line: string) => void;

/** Shows what a client does, as the demo's manager: sign in, page, be refused, write, lose a race, and watch. */
export async function run(url: string, say: Say): Promise<void> {
  const session = await Session.open(url, 'manager', 'rolegate-demo-manager');
  await introduce(session, say);
  await count(session, say);
  await write(session, say);
  await watch(session, say);
  say(`The access token was refreshed ${session.refreshed} times`);
  await session.close();
  say('Signed out');
}

/** Asks for something that is refused beside something that is not. */
async function introduce(session: Session, say: Say): Promise<void> {
  const { data, refusals } = await session.try(WhoAndAccountsDocument, {});
  say(`Signed in as ${data?.me?.username}`);
  for (const { path, code } of refusals) {
    say(code === 'FORBIDDEN' ? `${path} is denied to managers` : `${path} failed: ${code}`);
  }
}

/** Reads a list to its end. */
async function count(session: Session, say: Say): Promise<void> {
  let [items, pages] = [0, 0];
  let place: { hasNextPage: boolean; endCursor?: string | null } | undefined;
  do {
    const page: StockQuery = await session.run(StockDocument, { first: 20, after: place?.endCursor ?? null });
    items += page.inventoryItems?.nodes?.length ?? 0;
    pages += 1;
    place = page.inventoryItems?.pageInfo;
  } while (place?.hasNextPage);
  say(`There are ${items} items on ${pages} pages`);
}

/** Writes a document, and changes it at the same time as another client. */
async function write(session: Session, say: Say): Promise<void> {
  const { createDocument: draft } = await session.run(WriteDocument, { title: 'Minutes', content: 'To be written' });
  const { id, version } = draft ?? { id: '', version: 0 };
  await session.run(RewriteDocument, { id, version, content: 'What somebody else wrote meanwhile' });
  try {
    await session.run(RewriteDocument, { id, version, content: 'Would be lost' });
  } catch (error) {
    if (!Refused.is(error, 'CONFLICT')) {
      throw error;
    }
    const { document } = await session.run(ReadDocument, { id });
    const content = `${document?.content}, and what I add`;
    const { updateDocument } = await session.run(RewriteDocument, { id, version: document?.version ?? 0, content });
    say(`Version ${version} was stale: read ${document?.version}, wrote ${updateDocument?.version}`);
  }
  await session.run(DiscardDocument, { id });
}

/** Sells until the server has reported three sales. */
async function watch(session: Session, say: Say): Promise<void> {
  const name = 'Lamp of the example';
  await session.run(StackDocument, { name, data: { count: 1_000 } });
  try {
    const enough = new AbortController();
    const selling = sell(session, name, enough.signal);
    let received = 0;
    for await (const { inventoryChanged } of session.subscribe(ChangesDocument, { name })) {
      received += inventoryChanged?.kind === 'UPDATED' ? 1 : 0;
      if (received === 3) {
        break;
      }
    }
    enough.abort();
    await selling;
    say(`Received ${received} sales as they happened`);
  } finally {
    await session.run(ClearDocument, { name });
  }
}

async function sell(session: Session, name: string, enough: AbortSignal): Promise<void> {
  while (!enough.aborted) {
    await session.run(SellDocument, { name, by: -1 });
    await pause(50);
  }
}
