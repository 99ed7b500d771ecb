import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, startStand, type Stand, violations, visit } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

describe('the first steps', () => {
  it('an administrator sees users and accounts, a developer accounts only, and other roles neither', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    const links = page.getByRole('navigation', { name: 'Navigation' });
    await links.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('cell', { name: 'accountadmin@example.com' }).waitFor();
    await links.getByRole('link', { name: 'Accounts' }).click();
    await page.getByRole('link', { name: 'Alder Analytics' }).waitFor();
    await page.getByLabel('Switch role').selectOption('developer');
    await links.getByRole('link', { name: 'Users' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Alder Analytics' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Sign in to see this page.').waitFor();
    expect(await page.content()).not.toContain('Alder Analytics');
    await page.context().close();
  });
});

describe('tables', () => {
  it('a table keeps search, order, page and columns in the address', async () => {
    const person = await enter(stand, 'DEVELOPER');
    const { page } = person;
    await visit(person, stand, '/accounts');
    await page.getByLabel('Search').fill('bakery');
    await page.waitForURL(/search=bakery/);
    await page.getByRole('button', { name: 'Name' }).click();
    await page.getByRole('button', { name: 'Name' }).click();
    await page.waitForURL(/sort=NAME-DESC/);
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.waitForURL(/after=/);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel('IBAN').uncheck();
    await page.waitForURL(/columns=/);
    const first = page.locator('tbody tr').first().locator('td').first();
    const before = await first.textContent();
    await page.reload();
    await first.waitFor();
    expect(await first.textContent()).toBe(before);
    expect(before).toContain('Bakery');
    expect(await page.getByRole('columnheader', { name: 'IBAN' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.waitForURL(/before=/);
    await page.context().close();
  });
});

describe('forms', () => {
  it('a form shows errors of the server, and a newer version as a choice', async () => {
    const person = await enter(stand, 'DEVELOPER');
    const { page } = person;
    await visit(person, stand, '/accounts');
    await page.getByRole('link', { name: 'Alder Biotech' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Required').waitFor();
    await dialog.getByLabel('Name').fill('Mine');
    const id = decodeURIComponent(page.url().split('/').at(-1) ?? '');
    await askFrom(page, `mutation { updateAccount(id: "${id}", input: { name: "Theirs" }) { id } }`);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('It has changed meanwhile').waitFor();
    expect(await dialog.getByRole('row', { name: /Mine.*Theirs/ }).count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save mine over it' }).click();
    await page.getByRole('heading', { name: 'Mine', level: 1 }).waitFor();
    await page.context().close();
  });

  it('a form shows what a role would allow before it is saved, and why the server refuses it', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    await visit(person, stand, '/roles');
    await page.getByRole('button', { name: 'New role' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('READER_OF_STOCK');
    await dialog.getByLabel('SALES', { exact: true }).check();
    await dialog.getByText(/Would open \d+/).click();
    await dialog.getByText(/Query\.inventoryItems\b/).waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('rowheader', { name: 'READER_OF_STOCK' }).waitFor();
    await page.getByRole('button', { name: 'Delete: READER_OF_STOCK' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('rowheader', { name: 'READER_OF_STOCK' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('the page explains an operation line by line', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    await visit(person, stand, '/explain');
    await page.getByLabel('As role').selectOption('DEVELOPER');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('Not everything in this operation is allowed.').waitFor();
    const line = page.getByRole('row', { name: /users\(first: 3\)/ });
    expect(await line.textContent()).toMatch(/denied.*Query\.users.*ADMIN/);
    expect(await page.getByRole('row', { name: /nodes \{ name iban \}/ }).textContent()).not.toContain('denied');
    expect(await page.getByRole('row', { name: /nodes \{ email \}/ }).textContent()).toMatch(/own.*User\.email/);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});

describe('the first load', () => {
  it('the first load is at most 250 kB, does not jump, and cannot be framed', async () => {
    const context = await stand.browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    let bytes = 0;
    await session.send('Network.enable');
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.goto(`${stand.url}/console/documents`);
    await page.locator('tbody tr').first().waitFor();
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            sum += list.getEntries().reduce((total, entry) => total + (entry as unknown as { value: number }).value, 0);
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => resolve(sum), 500);
        }),
    );
    expect(bytes).toBeLessThan(250_000);
    expect(shift).toBeLessThan(0.05);
    await page.goto('about:blank');
    await page.setContent(`<iframe src="${stand.url}/console"></iframe>`);
    await page.waitForTimeout(500);
    const framed = page.frames().at(-1);
    expect(await framed?.content().catch(() => '')).not.toContain('id="root"');
    await context.close();
  });
});

describe('GraphiQL', () => {
  it('GraphiQL runs a query with the session of the console, without the internet', async () => {
    const person = await enter(stand, 'DEVELOPER');
    const { page } = person;
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (
        !request.url().startsWith(stand.url) &&
        !request.url().startsWith('data:') &&
        !request.url().startsWith('blob:')
      ) {
        foreign.push(request.url());
      }
    });
    await page.goto(`${stand.url}/graphiql?`);
    const run = page.locator('.graphiql-execute-button');
    const choice = page.getByRole('menuitem', { name: 'FirstSteps' });
    // Until the editor has read the operations, the button runs the document without a choice, which is an error.
    await expect
      .poll(
        async () => {
          await run.click();
          await choice.click({ timeout: 3_000 }).catch(() => undefined);
          await page.waitForTimeout(1_000);
          return page.locator('.graphiql-response').textContent();
        },
        { timeout: 90_000, interval: 1_000 },
      )
      .toContain('DEVELOPER');
    expect(foreign).toEqual([]);
    await page.context().close();
  });
});
