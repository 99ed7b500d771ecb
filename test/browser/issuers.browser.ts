import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENT, type LoginProvider, startLoginProvider } from '../support/login-provider.ts';
import { askFrom, enter, startDemo, startStand, type Stand, violations, visit } from './browser.ts';

let provider: LoginProvider;
let stand: Stand;
let close: () => void;

/** Returns a port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-issuers-'));
  const port = await freePort();
  // The issuer is at 127.0.0.1: another site than localhost, as an issuer is.
  const url = `http://localhost:${port}`;
  provider = await startLoginProvider([`${url}/auth/callback/company`]);
  const issuer = { id: 'company', label: 'Company', issuer: provider.issuer };
  const { server } = await startDemo(folder, join(folder, 'log'), {
    PORT: String(port),
    PUBLIC_URL: url,
    SIGN_IN_ISSUERS: JSON.stringify([{ ...issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret }]),
  });
  stand = { ...(await startStand()), url };
  close = () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
});
afterAll(async () => {
  close();
  await provider.goDown();
  await stand.close();
});

it('an identity is linked in the profile, signs in by its button, and is unlinked', async () => {
  const person = await enter(stand, 'SALES', { reducedMotion: 'reduce' });
  const { page } = person;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  provider.person = { sub: 'sales-there' };
  await visit(person, stand, '/profile');
  await button('Link Company').click();
  await page.getByRole('cell', { name: 'Company', exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/console/profile');
  expect(await violations(page)).toEqual([]);

  await button('Sign out').click();
  await page.goto(`${stand.url}/console/sign-in`);
  await button('Sign in with Company').waitFor();
  expect(await violations(page)).toEqual([]);
  await button('Sign in with Company').click();
  await button('Sign out').waitFor();
  await expect.poll(() => new URL(page.url()).pathname).toBe('/console/');
  expect(await askFrom(page, '{ me { username } }')).toEqual({ data: { me: { username: 'sales' } } });

  let refused = 0;
  await page.route('**/graphql', async (route) => {
    if (refused === 0 && route.request().postData()?.includes('mutation UnlinkIdentity') === true) {
      refused += 1;
      const error = { message: 'Sign in again', extensions: { code: 'STEP_UP_REQUIRED' } };
      await route.fulfill({ json: { data: { unlinkIdentity: null }, errors: [error] } });
    } else {
      await route.continue();
    }
  });
  const unlink = async (): Promise<void> => {
    await button('Unlink: Company').click();
    await page.getByRole('dialog', { name: 'Unlink: Company' }).getByRole('button', { name: 'Unlink' }).click();
  };
  await visit(person, stand, '/profile');
  await unlink();
  const again = page.getByRole('dialog', { name: 'Sign in again' });
  await again.getByRole('button', { name: 'Sign in with Company' }).click();
  await again.waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'Profile' }).waitFor();
  await unlink();
  await button('Unlink: Company').waitFor({ state: 'detached' });

  await button('Sign out').click();
  await page.goto(`${stand.url}/console/sign-in`);
  await button('Sign in with Company').click();
  await page.getByText('No active user is linked to this identity').waitFor();
  expect(page.url()).toBe(`${stand.url}/console/sign-in`);
  expect(await violations(page)).toEqual([]);
  expect(person.complaints).toEqual([]);
  await page.context().close();
});
