import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, startStand, type Stand } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

type Page = Awaited<ReturnType<typeof enter>>['page'];

/** Presses Tab until the focus is on an element with this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
    if (focused === name) {
      return;
    }
  }
  throw new Error(`The Tab key does not reach ${name}`);
}

describe('the keyboard', () => {
  it('a user signs in, reaches a page, opens a form, and leaves it with the keyboard alone', async () => {
    const { page } = await enter(stand, null);
    await page.goto(`${stand.url}/console`);
    await page.locator('#content h1').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await page.goto(`${stand.url}/console/sign-in`);
    await page.locator('#content h1').waitFor();
    await tabTo(page, 'STANDARD');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.reload();
    await page.locator('#content h1').waitFor();
    await tabTo(page, 'Documents');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Documents', level: 1 }).waitFor();
    await tabTo(page, 'New document');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await expect.poll(() => dialog.evaluate((node) => node.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('New document');
    await page.context().close();
  });
});

describe('a hostile site', () => {
  it('a hostile site cannot send mutations with the session of the viewer', async () => {
    const { page } = await enter(stand, 'ADMIN');
    const query = 'mutation { createDocument(input: { title: "Forged", content: "x" }) { id } }';
    await page
      .context()
      .route('http://hostile.test/**', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Hostile</title>' }),
      );
    for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded']) {
      const other = await page.context().newPage();
      await other.goto('http://hostile.test/');
      await other.evaluate(
        async ([url, type, body]) => {
          const headers = { 'content-type': type ?? '' };
          const options = { method: 'POST', credentials: 'include', headers, body: body ?? '' } as const;
          await fetch(`${url}/graphql`, options).catch(() => null);
          await fetch(`${url}/graphql`, { ...options, mode: 'no-cors' }).catch(() => null);
        },
        [stand.url, type, JSON.stringify({ query })],
      );
      await other.setContent(
        `<form method="post" enctype="${type === 'application/json' ? 'text/plain' : type}" action="${stand.url}/graphql">
           <input name='{"query":${JSON.stringify(query)},"x":"' value='"}'></form>`,
      );
      await Promise.all([other.waitForEvent('response'), other.evaluate(() => document.forms[0]?.submit())]);
      await other.close();
    }
    const other = await page.context().newPage();
    await other.goto(`${stand.url}/graphql?query=${encodeURIComponent(query)}`).catch(() => null);
    const forged = await askFrom(page, '{ documents(filter: { search: "Forged" }) { totalCount } }');
    expect(forged).toEqual({ data: { documents: { totalCount: 0 } } });
    await page.context().close();
  });

  it('a link to the console does not lead to a hostile site', async () => {
    const { page } = await enter(stand, 'STANDARD');
    for (const path of [
      '//hostile.test',
      '/%2F%2Fhostile.test',
      '/%5C%5Chostile.test',
      '/javascript:alert(1)',
      '/accounts//hostile.test',
      '/compare?page=https%3A%2F%2Fhostile.test',
      '/sign-in?next=https%3A%2F%2Fhostile.test',
    ]) {
      await page.goto(`${stand.url}/console${path}`);
      await page.locator('#content h1').waitFor();
      const foreign = await page.evaluate(() =>
        [...document.links].map(({ href }) => href).filter((href) => new URL(href).origin !== window.location.origin),
      );
      expect([path, foreign]).toEqual([path, []]);
      expect([path, new URL(page.url()).origin]).toEqual([path, stand.url]);
    }
    await page.context().close();
  });

  it.each(['/console', '/console/accounts', '/graphiql'])(
    'a hostile site cannot frame %s, nor run scripts in it',
    async (path) => {
      const { headers } = await fetch(stand.url + path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain('unsafe-eval');
    },
  );
});

describe('GraphiQL', () => {
  it('GraphiQL changes roles in the demo, and has operations to begin with', async () => {
    const { page } = await enter(stand, null);
    await page.goto(`${stand.url}/graphiql`);
    await Promise.all([page.waitForEvent('load'), page.getByLabel('Switch role').selectOption('developer')]);
    await expect.poll(() => page.getByLabel('Switch role').inputValue(), { timeout: 30_000 }).toBe('developer');
    await page.getByLabel('Operations to begin with').selectOption('Users, for administrators');
    await expect
      .poll(() => page.locator('.graphiql-query-editor .view-lines').textContent(), { timeout: 30_000 })
      .toContain('displayName');
    await page.context().close();
  });

  it('GraphiQL has an explorer that shows the schema of the viewer, and edits the operation', async () => {
    const { page, complaints } = await enter(stand, 'DEVELOPER');
    await page.goto(`${stand.url}/graphiql?`);
    await page.getByRole('button', { name: 'Show Explorer' }).click();
    const explorer = page.locator('.explorer');
    await explorer.getByLabel('Operation', { exact: true }).selectOption('query Accounts');
    const accounts = explorer.getByRole('listitem').filter({ has: page.getByLabel(/^\s*accounts /) });
    const nodes = accounts.getByRole('listitem').filter({ has: page.getByLabel(/^\s*nodes /) });
    expect(await nodes.getByLabel(/^\s*iban /).isChecked()).toBe(true);
    await nodes.getByLabel(/^\s*iban /).uncheck();
    await nodes.getByLabel(/^\s*users /).check();
    await accounts
      .getByLabel(/^first /)
      .first()
      .fill('2');
    await accounts
      .getByLabel(/^first /)
      .first()
      .press('Enter');
    const editor = page.locator('.graphiql-query-editor .view-lines');
    await expect.poll(() => editor.textContent()).toMatch(/accounts\(first:\s*2\).*users/);
    expect(await editor.textContent()).not.toContain('iban');
    expect(await editor.textContent()).toContain('FirstSteps');
    await explorer.getByLabel('Add an operation').selectOption('subscription');
    await explorer.getByLabel(/^\s*documentChanged /).check();
    await explorer.getByLabel(/^\s*kind /).check();
    await expect.poll(() => editor.textContent()).toMatch(/subscription.New4/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
