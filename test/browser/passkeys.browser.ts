import { generateSync } from 'otplib';
import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, type Person, type Stand, startStand, violations, visit } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  const started = await startStand();
  // Browsers know no passkeys of addresses.
  stand = { ...started, url: started.url.replace('127.0.0.1', 'localhost') };
});
afterAll(() => stand.close());

/** Gives the browser of a person an authenticator that asks for nothing, and always verifies. */
async function addAuthenticator({ page }: Person): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return session;
}

const codeOf = (secret: string, steps: number): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * 30 });

const button = ({ page }: Person, name: string) => page.getByRole('button', { name, exact: true });
const whoAmI = ({ page }: Person): Promise<unknown> => askFrom(page, '{ me { username } }');

describe('passkeys in the console', () => {
  it('passkeys are added, renamed, used to sign in, as a second factor and to sign in again, and deleted', async () => {
    const person = await enter(stand, 'SALES', { reducedMotion: 'reduce' });
    const { page } = person;
    await addAuthenticator(person);
    await visit(person, stand, '/profile');
    await page.getByLabel('Name of the passkey').fill('Laptop');
    await button(person, 'Add a passkey').click();
    await page.getByText('Your recovery codes').waitFor();
    expect(await violations(page)).toEqual([]);
    await button(person, 'I have kept them').click();
    await button(person, 'Rename: Laptop').click();
    const dialog = page.getByRole('dialog', { name: 'Rename: Laptop' });
    await dialog.getByLabel('Name of the passkey').fill('Work laptop');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'Work laptop', exact: true }).waitFor();

    await button(person, 'Sign out').click();
    await page.goto(`${stand.url}/console/sign-in`);
    await button(person, 'Sign in with a passkey').waitFor();
    expect(await violations(page)).toEqual([]);
    await button(person, 'Sign in with a passkey').click();
    await button(person, 'Sign out').waitFor();
    expect(await whoAmI(person)).toEqual({ data: { me: { username: 'sales' } } });

    await button(person, 'Sign out').click();
    await page.goto(`${stand.url}/console/sign-in`);
    await page.getByLabel('User name or e-mail address').fill('sales');
    await page.getByRole('textbox', { name: 'Password' }).fill('rolegate-demo-sales');
    await button(person, 'Sign in').click();
    await button(person, 'Use a passkey').click();
    await button(person, 'Sign out').waitFor();

    let refused = 0;
    await page.route('**/graphql', async (route) => {
      if (refused === 0 && route.request().postData()?.includes('mutation DeletePasskey') === true) {
        refused += 1;
        const error = { message: 'Sign in again', extensions: { code: 'STEP_UP_REQUIRED' } };
        await route.fulfill({ json: { data: { deletePasskey: null }, errors: [error] } });
      } else {
        await route.continue();
      }
    });
    await visit(person, stand, '/profile');
    await button(person, 'Delete: Work laptop').click();
    await page
      .getByRole('dialog', { name: /Delete/ })
      .getByRole('button', { name: 'Delete', exact: true })
      .click();
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('cell', { name: 'Work laptop', exact: true }).waitFor({ state: 'detached' });
    expect(refused).toBe(1);
    expect(person.complaints).toEqual([]);
  });
});

describe('codes of an app in the console', () => {
  it('codes of an app are set up by a QR code or the secret, replaced and removed', async () => {
    const person = await enter(stand, 'WAREHOUSE', { reducedMotion: 'reduce' });
    const { page } = person;
    await visit(person, stand, '/profile');
    await button(person, 'Set up an app').click();
    await page.getByRole('img', { name: 'QR code of the secret' }).waitFor();
    expect(await violations(page)).toEqual([]);
    const secret = (await page.locator('form code').textContent()) ?? '';
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await button(person, 'Confirm the code').click();
    await page.getByText('The code is not valid').waitFor();
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret, 0));
    await button(person, 'Confirm the code').click();
    const shown = page.locator('pre');
    await shown.waitFor();
    const [first = ''] = ((await shown.textContent()) ?? '').split('\n');
    await button(person, 'I have kept them').click();
    await page.getByText('10 left').waitFor();
    await button(person, 'Make new recovery codes').click();
    const renew = page.getByRole('dialog', { name: 'Make new recovery codes' });
    await renew.getByLabel('Code', { exact: true }).fill(first);
    expect(await violations(page)).toEqual([]);
    await renew.getByRole('button', { name: 'Make new recovery codes' }).click();
    await shown.waitFor();
    expect(await shown.textContent()).not.toContain(first);
    await button(person, 'Remove the app').click();
    const remove = page.getByRole('dialog', { name: 'Remove the app' });
    await remove.getByLabel('Code', { exact: true }).fill(codeOf(secret, 1));
    await remove.getByRole('button', { name: 'Remove the app' }).click();
    await button(person, 'Set up an app').waitFor();
    expect(person.complaints).toEqual([]);
  });
});

describe('the mail that confirms an address', () => {
  it('the mail is sent again on request, with one answer', async () => {
    const person = await enter(stand, null, { reducedMotion: 'reduce' });
    const { page } = person;
    await visit(person, stand, '/confirm-email');
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('User name or e-mail address').fill('no-such-user');
    await button(person, 'Send the mail again').click();
    await page.getByText('If an address waits to be confirmed').waitFor();
    expect(person.complaints).toEqual([]);
  });
});
