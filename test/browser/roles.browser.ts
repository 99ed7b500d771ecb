import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, startStand, type Stand, violations, visit } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

const REFUSED = 'Your roles do not include this page.';

describe('a view as another', () => {
  it('a view shows the pages of a role, changes nothing, and ends with a click', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page, complaints } = person;
    await visit(person, stand, '/roles');
    await page.getByRole('button', { name: 'View as: STANDARD' }).click();
    const end = page.getByRole('button', { name: 'End the view' });
    await end.waitFor();
    const links = page.getByRole('navigation', { name: 'Navigation' });
    expect(await links.getByRole('link', { name: 'Users' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
    await links.getByRole('link', { name: 'Documents' }).click();
    await page.locator('tbody tr').first().waitFor();
    expect(await page.getByRole('button', { name: 'New document' }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await end.click();
    await links.getByRole('link', { name: 'Users' }).waitFor();
    await page.getByRole('button', { name: 'New document' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('a view shows what a user sees, and never what they are denied', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    await visit(person, stand, '/users?search=accountmanager');
    await page.getByRole('link', { name: 'accountmanager' }).click();
    await page.getByRole('button', { name: 'View as: Account Manager' }).click();
    await page.getByRole('button', { name: 'End the view' }).waitFor();
    await page.getByRole('navigation', { name: 'Navigation' }).getByRole('link', { name: 'Users' }).click();
    await page.getByRole('link', { name: 'accountadmin' }).waitFor();
    expect(await page.getByRole('button', { name: 'New user' }).count()).toBe(0);
    await page.context().close();
  });

  it('a view stands side by side with another', async () => {
    const person = await enter(stand, null);
    const { page, complaints } = person;
    await visit(person, stand, '/compare?left=ADMIN&right=STANDARD&page=%2Fusers');
    const [left, right] = [
      page.getByRole('region', { name: /^Left side/ }),
      page.getByRole('region', { name: /^Right side/ }),
    ];
    await left.getByRole('cell', { name: 'accountadmin@example.com' }).waitFor();
    await right.getByText(REFUSED).waitFor();
    expect(await violations(page)).toEqual([]);
    await left.getByLabel('Search').fill('warehouse');
    await page.waitForURL(/search%3Dwarehouse/);
    await left.getByRole('cell', { name: 'accountadmin@example.com' }).waitFor({ state: 'detached' });
    await page.reload();
    await left.getByRole('cell', { name: 'warehouse@example.com' }).waitFor();
    expect(await right.textContent()).not.toContain('warehouse@');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('what single roles may do', () => {
  it('an account administrator manages the users of their own account', async () => {
    const person = await enter(stand, 'ACCOUNT_ADMIN');
    const { page } = person;
    await visit(person, stand, '/users');
    await page.getByRole('link', { name: 'accountmanager' }).waitFor();
    expect(await page.content()).not.toContain('warehouse@example.com');
    await page.getByRole('button', { name: 'New user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill('clerk.one');
    await dialog.getByLabel('Name', { exact: false }).nth(1).fill('Clerk One');
    await dialog.getByLabel('E-mail address').fill('clerk.one@example.com');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'clerk.one' }).click();
    await page.getByRole('heading', { name: 'Clerk One', level: 1 }).waitFor();
    expect(await page.getByRole('button', { name: 'Deactivate' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
    await page.context().close();
  });

  it('a holder of the right to count sets the count, and sees why a change is refused', async () => {
    const person = await enter(stand, 'WAREHOUSE');
    const { page } = person;
    await visit(person, stand, '/inventory');
    const link = page.locator('tbody a').first();
    const name = (await link.textContent()) ?? '';
    await link.click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByLabel('Count').fill('12345');
    await page.getByRole('button', { name: 'Set the count' }).click();
    await page.getByRole('cell', { name: '12,345' }).waitFor();
    expect(JSON.stringify(await askFrom(page, `{ inventoryItem(name: ${JSON.stringify(name)}) { data } }`))).toContain(
      '12345',
    );
    await page.getByLabel('Count').fill('-1');
    await page.getByRole('button', { name: 'Set the count' }).click();
    await page.locator('.mantine-TextInput-error').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it('an administrator makes pairs of roles exclusive, and sees why a role is refused', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    await visit(person, stand, '/roles');
    await page.getByLabel('One role').selectOption('SALES');
    await page.getByLabel('The other role').selectOption('SALES');
    await page.getByRole('button', { name: 'Make exclusive' }).click();
    await page.getByRole('alert').waitFor();
    expect((await page.getByRole('alert').textContent())?.length).toBeGreaterThan(10);
    await page.getByLabel('One role').selectOption('ACCOUNT_MANAGER');
    await page.getByLabel('Kind').selectOption('DYNAMIC');
    await page.getByRole('button', { name: 'Make exclusive' }).click();
    const remove = page.getByRole('button', { name: /Allow both: .*SALES/ });
    await remove.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Allow both' }).click();
    await remove.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('a form shows what a change of a role allows and denies before it is saved', async () => {
    const person = await enter(stand, 'ADMIN');
    const { page } = person;
    await visit(person, stand, '/roles');
    await askFrom(
      page,
      'mutation { createRole(input: { name: "PREVIEWED", permissions: ["inventory:read"] }) { name } }',
    );
    await page.reload();
    await page.getByRole('button', { name: 'Edit: PREVIEWED' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Nothing that the matrix can see.').waitFor();
    await dialog.getByLabel('inventory:read', { exact: true }).uncheck();
    await dialog.getByLabel('audit:read', { exact: true }).check();
    await dialog.getByText(/Would open \d+/).waitFor();
    await dialog.getByText(/Would close \d+/).click();
    await dialog.getByText(/Query\.inventoryItems\b/).waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('row', { name: /PREVIEWED.*audit:read/ });
    await row.waitFor();
    expect(await row.textContent()).not.toContain('inventory:read');
    await page.context().close();
  });
});
