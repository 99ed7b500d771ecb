import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enter, startStand, type Stand, tokenOf, violations, visit } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

describe('a failing network', () => {
  it('a failing network is reported, with a button that tries again', async () => {
    const person = await enter(stand, 'DEVELOPER');
    const { page } = person;
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('accounts(') === true ? route.abort() : route.continue(),
    );
    await page.getByRole('navigation', { name: 'Navigation' }).getByRole('link', { name: 'Accounts' }).click();
    await page.getByText('The server cannot be reached.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'Alder Analytics' }).waitFor();
    await page.route('**/graphql', (route) => route.abort());
    await page.goto(`${stand.url}/console/accounts`);
    await page.getByText('The server cannot be reached.').waitFor();
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'Alder Analytics' }).waitFor();
    await page.context().close();
  });
});

describe('an update', () => {
  it('an update shows at once, and is rolled back if the server refuses it', async () => {
    const person = await enter(stand, 'DEVELOPER');
    const { page } = person;
    await visit(person, stand, '/accounts');
    await page.getByRole('link', { name: 'Alder Analytics' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    const { promise: isRefused, resolve: refuse } = Promise.withResolvers<void>();
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('updateAccount') !== true) {
        return route.continue();
      }
      await isRefused;
      const errors = [{ message: 'Not today', path: ['item'], extensions: { code: 'FORBIDDEN' } }];
      return route.fulfill({ json: { data: { item: null }, errors } });
    });
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Optimism Ltd.');
    await dialog.getByRole('button', { name: 'Save' }).click();
    const heading = page.locator('#content h1');
    await expect.poll(() => heading.textContent()).toBe('Optimism Ltd.');
    refuse();
    await dialog.getByText('Not today').waitFor();
    await expect.poll(() => heading.textContent()).toBe('Alder Analytics');
    await page.context().close();
  });
});

describe('a deep link', () => {
  it('a deep link survives a reload', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    for (const [path, content] of [
      ['/accounts?search=alder&columns=name%2Cstatus', /Alder/],
      ['/audit?action=login.*', /login\.succeeded/],
      ['/matrix?role=DEVELOPER&compare=STANDARD&difference=yes&search=iban', /Account\.iban/],
      ['/compare?left=DEVELOPER&right=STANDARD&page=%2Fdocuments', /Pages: Accounts/],
    ] as const) {
      await visit(person, stand, path);
      await page.locator('#content').getByText(content).first().waitFor();
      await page.reload();
      await page.locator('#content').getByText(content).first().waitFor();
      expect(page.url()).toBe(`${stand.url}/console${path}`);
    }
    await page.context().close();
  });

  it('a deep link leads to a page of one object, which says so if the object does not exist', async () => {
    const person = await enter(stand, 'DEVELOPER');
    const { page } = person;
    await visit(person, stand, '/accounts');
    await page.getByRole('link', { name: 'Alder Bakery' }).click();
    await page.getByRole('heading', { name: 'Alder Bakery', level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Alder Bakery', level: 1 }).waitFor();
    await visit(person, stand, '/accounts/00000000-0000-4000-8000-000000000000');
    await page.getByRole('alert').waitFor();
    expect(await page.locator('#content h1').textContent()).toBe('Accounts');
    await page.context().close();
  });
});

describe('the audit trail', () => {
  it('the audit trail is verified by a click', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    await visit(person, stand, '/audit');
    await page.getByRole('button', { name: 'Verify the seals' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/The audit trail is intact/).waitFor();
    expect(await dialog.textContent()).toMatch(/\d+ events in \d+ seals were verified/);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});

describe('a forgotten password', () => {
  it('a forgotten password is set again with the token of the mail', async () => {
    const person = await enter(stand, null);
    const { page } = person;
    await page.getByLabel('User name or e-mail address').fill('ada.abara');
    await page.getByRole('button', { name: 'Send a link to reset the password' }).click();
    await page.getByText('If this user exists, a mail is on its way.').waitFor();
    const token = await tokenOf(stand, 'Choose a new password');
    await page.getByRole('link', { name: 'I have a token to reset the password' }).click();
    await page.getByLabel('Token').fill('not-a-token');
    await page.getByLabel('New password').fill('correct horse battery staple 7');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('alert').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goto('about:blank');
    await page.goto(`${stand.url}/console/reset-password#token=${token}`);
    await page.getByLabel('New password').fill('correct horse battery staple 7');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('The password has been set').waitFor();
    await page.locator('#content').getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('User name or e-mail address').fill('ada.abara');
    await page.getByRole('textbox', { name: /^Password/ }).fill('correct horse battery staple 7');
    await page.locator('#content').getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.context().close();
  });
});
