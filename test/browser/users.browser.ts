import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, startStand, type Stand, tokenOf, violations, visit } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

const PASSWORD = 'correct horse battery staple 9';

describe('a user', () => {
  it('a user is invited to an account, accepts, is moved to another account, and is signed out', async () => {
    const admin = await enter(stand, 'ADMIN');
    const { page } = admin;
    await visit(admin, stand, '/users');
    await page.getByRole('button', { name: 'Invite a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail address').fill('invited@example.com');
    await dialog.getByLabel('STANDARD', { exact: true }).check();
    await dialog.getByLabel('Find an account').fill('beacon bakery');
    await dialog.getByLabel('Account', { exact: true }).selectOption('Beacon Bakery');
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Invite a user' }).click();
    await dialog.getByText('The invitation is on its way.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();

    const guest = await enter(stand, null);
    await guest.page.goto('about:blank');
    await guest.page.goto(`${stand.url}/console/accept-invitation#token=${await tokenOf(stand, 'Your invitation')}`);
    await guest.page.getByLabel('User name').fill('admin');
    await guest.page.getByLabel('Name', { exact: true }).fill('Invited Guest');
    await guest.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await guest.page.getByRole('button', { name: 'Accept' }).click();
    await guest.page.locator('.mantine-TextInput-error, [role=alert]').first().waitFor();
    expect(await violations(guest.page)).toEqual([]);
    await guest.page.getByLabel('User name').fill('invited.guest');
    await guest.page.getByRole('button', { name: 'Accept' }).click();
    await guest.page.getByText('You can sign in now.').waitFor();
    await guest.page.locator('#content').getByRole('link', { name: 'Sign in' }).click();
    await guest.page.getByLabel('User name or e-mail address').fill('invited.guest');
    await guest.page.getByRole('textbox', { name: /^Password/ }).fill(PASSWORD);
    await guest.page.locator('#content').getByRole('button', { name: 'Sign in', exact: true }).click();
    await guest.page.getByText('You: Invited Guest').waitFor();
    await visit(guest, stand, '/account');
    await guest.page.getByRole('cell', { name: 'Beacon Bakery' }).waitFor();
    expect(await guest.received()).not.toContain('billing@');

    await visit(admin, stand, '/users?search=invited');
    await page.getByRole('link', { name: 'invited.guest' }).click();
    await page.getByLabel('Find an account').fill('birch bakery');
    await page.getByLabel('Account', { exact: true }).selectOption('Birch Bakery');
    await page.getByRole('button', { name: 'Move to this account' }).click();
    await page.getByRole('cell', { name: 'Birch Bakery' }).waitFor();
    await page.getByRole('button', { name: 'End all sessions' }).click();
    await dialog.getByRole('button', { name: 'End all sessions' }).click();
    await dialog.waitFor({ state: 'detached' });
    await guest.page.reload();
    await guest.page.getByRole('link', { name: 'Sign in' }).first().waitFor();
    await visit(admin, stand, '/accounts?search=birch+bakery');
    await page.getByRole('link', { name: 'Birch Bakery' }).click();
    await page.getByRole('link', { name: 'Users of this account' }).click();
    await page.getByRole('link', { name: 'invited.guest' }).waitFor();
    await page.getByRole('button', { name: 'Remove the filter: Of one account' }).click();
    await page.getByRole('link', { name: 'accountadmin' }).waitFor();
    await page.getByLabel('With role').selectOption('WAREHOUSE');
    await page.getByRole('link', { name: 'accountadmin' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'warehouse' }).waitFor();
    expect(admin.complaints).toEqual([]);
  });

  it('a user changes the account that they administer', async () => {
    const person = await enter(stand, 'ACCOUNT_ADMIN');
    const { page } = person;
    await visit(person, stand, '/account');
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Status').count()).toBe(0);
    await dialog.getByLabel('Telephone').fill('12');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.locator('.mantine-TextInput-error, [role=alert]').first().waitFor();
    await dialog.getByLabel('Telephone').fill('+4930123456');
    await dialog.getByLabel('Description').fill('Wholesale');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: '+4930123456' }).waitFor();
    await page.getByRole('cell', { name: 'Wholesale' }).waitFor();
    await page.context().close();
  });

  it('a user changes their own address with a mailed token', async () => {
    const person = await enter(stand, 'MANAGER');
    const { page } = person;
    await visit(person, stand, '/profile');
    await page.getByLabel('New e-mail address').fill('manager2@example.com');
    await page.getByRole('button', { name: 'Send the token' }).click();
    await page.getByText('The token is on its way to the new address.').waitFor();
    await page.getByRole('link', { name: 'I have a token to confirm an address' }).click();
    await page.getByLabel('Token').fill(await tokenOf(stand, 'Confirm your e-mail address'));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('The address is confirmed.').waitFor();
    expect(await askFrom(page, '{ me { email } }')).toEqual({ data: { me: { email: 'manager2@example.com' } } });
  });

  it('a user creates an API key with a part of what they hold, and revokes it', async () => {
    const person = await enter(stand, 'DEVELOPER');
    const { page } = person;
    await visit(person, stand, '/keys');
    await page.getByRole('button', { name: 'New API key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Reports');
    await dialog.getByLabel('DEVELOPER', { exact: true }).uncheck();
    await dialog.getByLabel('STANDARD', { exact: true }).check();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create the key' }).click();
    await dialog.getByText('The key is shown only now. Copy it.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    expect(await page.getByRole('row', { name: /Reports.*STANDARD/ }).textContent()).not.toContain('DEVELOPER');
    await page.getByRole('button', { name: 'Revoke: Reports' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('You have no API keys.').waitFor();
  });
});

describe('the access matrix', () => {
  it('the matrix shows the smallest grants, and is compared with a saved matrix', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    await visit(person, stand, '/matrix?role=STANDARD&search=Query.accounts');
    const row = page.getByRole('row', { name: /^Query\.accounts denied/ });
    expect(await row.textContent()).toContain('DEVELOPER or permission accounts:read or permission accounts:write');
    await page.getByRole('button', { name: 'Compare versions' }).click();
    const dialog = page.getByRole('dialog');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Save this matrix' }).click(),
    ]);
    const saved = (await (await download.createReadStream()).toArray()).join('');
    const area = dialog.getByLabel('The earlier or the other matrix');
    await area.fill('nothing of the kind');
    await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
    await dialog.getByText('This is not an access matrix').waitFor();
    await area.fill(saved.replace(/(`Query\.users` \| denied \| )allowed/, '$1denied'));
    await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
    await dialog.getByText('Differences: 1').waitFor();
    await dialog.getByRole('row', { name: /Query\.users SUPER_ADMIN .*denied .*allowed/ }).waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel('File').waitFor();
    await area.fill(saved);
    await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
    await dialog.getByText('Both say the same of every coordinate.').waitFor();
  });
});
