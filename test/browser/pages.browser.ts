import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, startStand, type Stand, violations, visit } from './browser.ts';

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
  Sessions: '/sessions',
  'API keys': '/keys',
} as const;

type PageName = keyof typeof PAGES;

const OWN: readonly PageName[] = ['Profile', 'Sessions', 'API keys'];

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

/** Text that only some may see: of a bank account, an address for invoices, and a user's address. */
const SECRETS: readonly (readonly [RegExp, readonly (string | null)[]])[] = [
  [/DE\d{20}/, ['ADMIN', 'DEVELOPER']],
  [/billing@/, ['ADMIN', 'DEVELOPER']],
  [/accountadmin@example\.com/, ['ADMIN', 'ACCOUNT_ADMIN']],
];

describe.each(OFFERED)('%s', (role, offered) => {
  it('is offered these pages, and is refused the others', async () => {
    const person = await enter(stand, role);
    const { page, complaints } = person;
    await visit(person, stand, '/');
    const links = page.getByRole('navigation', { name: 'Navigation' }).getByRole('link');
    const names = (await links.allTextContents()).filter((name) => !FOR_ALL.has(name));
    expect(names.toSorted()).toEqual(offered.toSorted());
    for (const [name, path] of Object.entries(PAGES)) {
      await visit(person, stand, path);
      expect(await page.locator('#content h1').textContent()).toBe(name);
      expect(await page.getByText('Your roles do not include this page.').count(), path).toBe(
        offered.includes(name as PageName) ? 0 : 1,
      );
      expect(await violations(page), path).toEqual([]);
    }
    expect(complaints).toEqual([]);
    const text = (await person.received()) + (await page.content());
    for (const [secret, allowed] of SECRETS) {
      expect([String(secret), secret.test(text)]).toEqual([String(secret), allowed.includes(role)]);
    }
    await page.context().close();
  });

  it('is refused by the server as well when the console is bypassed', async () => {
    const { page } = await enter(stand, role);
    const answer = (await askFrom(page, '{ users { totalCount } accounts { totalCount } }')) as {
      data: Record<string, object | null>;
    };
    expect(
      Object.entries(answer.data)
        .filter(([, value]) => value !== null)
        .map(([name]) => name),
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
  it.each(['ADMIN', null])('is accessible in the dark, and fits 360 pixels, for %s', async (role) => {
    const person = await enter(stand, role, { colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    for (const path of ['/', '/sign-in', '/compare', ...Object.values(PAGES)]) {
      await visit(person, stand, path);
      expect(await violations(person.page), path).toEqual([]);
      const overflow = await person.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([path, overflow]).toEqual([path, 0]);
    }
    expect(person.complaints).toEqual([]);
    await person.page.context().close();
  });
});
