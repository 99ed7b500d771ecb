import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, go, startStand, type Stand, violations, visit } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

/** Every page, by its address. */
const PAGES = {
  Accounts: '/accounts',
  'Audit trail': '/audit',
  Documents: '/documents',
  Inventory: '/inventory',
  Users: '/users',
  Roles: '/roles',
  'Access matrix': '/matrix',
  Explain: '/explain',
  Profile: '/profile',
  'Your account': '/account',
  Sessions: '/sessions',
  'API keys': '/keys',
} as const;

type PageName = keyof typeof PAGES;

const OWN: readonly PageName[] = ['Profile', 'Your account', 'Sessions', 'API keys'];

/** The links that everyone has. */
const FOR_ALL: ReadonlySet<string> = new Set(['Overview', 'Compare as', 'GraphiQL']);

/** The pages that each person is offered; no others are. */
const OFFERED: readonly (readonly [string | null, readonly PageName[]])[] = [
  ['ADMIN', Object.keys(PAGES) as PageName[]],
  ['DEVELOPER', ['Accounts', 'Documents', ...OWN]],
  ['MANAGER', ['Documents', 'Inventory', ...OWN]],
  ['ACCOUNT_ADMIN', ['Documents', 'Roles', 'Users', ...OWN]],
  ['STANDARD', ['Documents', ...OWN]],
  [null, ['Documents']],
];

/** The roles whose page of users has only those of their account: to them the list of all is refused. */
const ONLY_OWN: ReadonlySet<string | null> = new Set(['ACCOUNT_ADMIN']);

/** Text that only some may see: of a bank account, an address for invoices (an account administrator: of theirs), a user's address. */
const SECRETS: readonly (readonly [RegExp, readonly (string | null)[]])[] = [
  [/DE\d{20}/, ['ADMIN', 'DEVELOPER', 'ACCOUNT_ADMIN']],
  [/billing@/, ['ADMIN', 'DEVELOPER', 'ACCOUNT_ADMIN']],
  [/accountadmin@example\.com/, ['ADMIN', 'ACCOUNT_ADMIN']],
];

describe('each person', () => {
  it.each(OFFERED)('%s sees links to these pages, and is refused the others', async (role, offered) => {
    const person = await enter(stand, role);
    const { page, complaints } = person;
    const links = page.getByRole('navigation', { name: 'Navigation' }).getByRole('link');
    const names = (await links.allTextContents()).filter((name) => !FOR_ALL.has(name));
    expect(names.toSorted()).toEqual(offered.toSorted());
    let refused = 0;
    const refusal = role === null ? 'Sign in to see this page.' : 'Your roles do not include this page.';
    for (const [name, path] of Object.entries(PAGES)) {
      const isOffered = offered.includes(name as PageName);
      await go(person, path);
      expect(await page.locator('#content h1').textContent()).toBe(name);
      expect(await page.getByText(refusal).count(), path).toBe(isOffered ? 0 : 1);
      refused += isOffered ? 0 : 1;
      // Refused pages differ by a name only.
      const found = isOffered || refused === 1 ? await violations(page) : [];
      expect([path, found]).toEqual([path, []]);
    }
    expect(complaints).toEqual([]);
    const text = (await person.received()) + (await page.content());
    for (const [secret, allowed] of SECRETS) {
      expect([String(secret), secret.test(text)]).toEqual([String(secret), allowed.includes(role)]);
    }
    const answer = (await askFrom(page, '{ users { totalCount } accounts { totalCount } }')) as {
      data: Record<string, object | null>;
    };
    expect(
      Object.entries(answer.data)
        .filter(([, value]) => value !== null)
        .map(([name]) => name),
      'the server refuses as well when the console is bypassed',
    ).toEqual(
      [
        ['users', 'Users'],
        ['accounts', 'Accounts'],
      ].flatMap(([field = '', name]) => (offered.includes(name as PageName) && !ONLY_OWN.has(role) ? [field] : [])),
    );
    await page.context().close();
  });
});

describe('every page', () => {
  it.each([
    // A part of the matrix: all of it takes axe long, and is looked at in light colours.
    ['ADMIN', ['/', '/compare', ...Object.values(PAGES), '/matrix?search=iban']],
    [null, ['/', '/sign-in', '/compare', '/documents', '/accounts']],
  ])('every page is accessible in the dark, and fits 360 pixels, for %s', async (role, paths) => {
    const person = await enter(stand, role, { colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    for (const path of paths) {
      await visit(person, stand, path);
      const found = path === PAGES['Access matrix'] ? [] : await violations(person.page);
      expect([path, found]).toEqual([path, []]);
      const overflow = await person.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([path, overflow]).toEqual([path, 0]);
    }
    expect(person.complaints).toEqual([]);
    await person.page.context().close();
  });
});

/** Stands in for the script of Apollo Sandbox: it adds the frame, and keeps where subscriptions go. */
const SANDBOX = `window.EmbeddedSandbox = class {
  constructor({ target, initialSubscriptionEndpoint }) {
    window.subscriptions = initialSubscriptionEndpoint;
    const frame = document.createElement('iframe');
    frame.src = 'https://sandbox.embed.apollographql.com/';
    document.querySelector(target).append(frame);
  }
};`;
const SPEAKS = `<p>Sandbox</p><script>parent.postMessage({ name: 'ExplorerListeningForHandshake' }, '*')</script>`;

/** Opens the first page of the server beside a stand-in for Apollo's network. null: nothing answers there. */
async function land(script: string | null, frame: string | null): Promise<Page> {
  const page = await (await stand.browser.newContext()).newPage();
  const answer = (url: string, contentType: string, body: string | null) =>
    page.route(url, (route) => (body === null ? route.abort() : route.fulfill({ contentType, body })));
  await answer('https://embeddable-sandbox.cdn.apollographql.com/**', 'text/javascript', script);
  await answer('https://sandbox.embed.apollographql.com/**', 'text/html', frame);
  await page.goto(stand.url);
  return page;
}

describe('the landing page', () => {
  it.each([
    ['the script of the Sandbox', null, null],
    ['its frame', SANDBOX, null],
  ])('the page shows a plain editor, and no empty box, where %s cannot be loaded', async (_, script, frame) => {
    const page = await land(script, frame);
    await page.getByRole('button', { name: 'Run' }).click({ timeout: 15_000 });
    await page.getByText('"totalCount": 1000').waitFor();
    expect(await page.locator('#sandbox').isVisible()).toBe(false);
    expect(await page.locator('#waiting').isVisible()).toBe(false);
  });

  it('the page shows the Sandbox, whose subscriptions run as the chosen viewer', async () => {
    const page = await land(SANDBOX, SPEAKS);
    await page.frameLocator('iframe').getByText('Sandbox').waitFor();
    await page.locator('#waiting').waitFor({ state: 'hidden' });
    expect(await page.locator('#editor').isVisible()).toBe(false);
    const answer = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const { subscriptions } = window as unknown as { readonly subscriptions: string };
          const socket = new WebSocket(subscriptions, 'graphql-transport-ws');
          const query = 'subscription { auditEventAdded { action } }';
          socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
          socket.addEventListener('close', (event) => resolve(event.reason));
          socket.addEventListener('message', ({ data }) => {
            const { type, payload } = JSON.parse(String(data)) as { type: string; payload: unknown };
            if (type === 'connection_ack') {
              socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
            } else {
              resolve(payload);
            }
          });
        }),
    );
    // Signed in: the developer whom the page has chosen.
    expect(JSON.stringify(answer)).toContain('FORBIDDEN');
  });
});
