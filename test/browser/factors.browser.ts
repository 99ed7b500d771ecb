import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFrom, enter, type Stand, startStand, violations, visit } from './browser.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand.close());

/** Returns a code that no earlier step has used: of now, or of so many steps later. */
const codeOf = (secret: string, steps: number): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * 30 });

describe('a user with a second factor', () => {
  it('a user with a second factor signs in with a code after the password, and sees that a code is wrong', async () => {
    const guest = await enter(stand, 'GUEST');
    const started = (await askFrom(guest.page, 'mutation { startTotp { secret } }')) as {
      data: { startTotp: { secret: string } };
    };
    const { secret } = started.data.startTotp;
    await askFrom(guest.page, `mutation { confirmTotp(code: "${codeOf(secret, 0)}") { codes } }`);
    await guest.page.getByRole('button', { name: 'Sign out' }).click();
    await guest.page.goto(`${stand.url}/console/sign-in`);
    await guest.page.getByLabel('User name or e-mail address').fill('guest');
    await guest.page.getByRole('textbox', { name: 'Password' }).fill('rolegate-demo-guest');
    await guest.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    const code = guest.page.getByLabel('Code');
    await code.fill('000000');
    expect(await violations(guest.page)).toEqual([]);
    await guest.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await guest.page.getByText('The code is wrong').waitFor();
    await code.fill(codeOf(secret, 1));
    await guest.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await guest.page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(await askFrom(guest.page, '{ me { username } }')).toEqual({ data: { me: { username: 'guest' } } });
  });
});

describe('a change that needs a recent sign-in', () => {
  it('the console asks for the password, and sends the change again', async () => {
    const admin = await enter(stand, 'ADMIN');
    let refused = 0;
    await admin.page.route('**/graphql', async (route) => {
      if (refused === 0 && route.request().postData()?.includes('mutation ExcludeRoles') === true) {
        refused += 1;
        const error = { message: 'Sign in again', extensions: { code: 'STEP_UP_REQUIRED' } };
        await route.fulfill({ json: { data: { excludeRoles: null }, errors: [error] } });
      } else {
        await route.continue();
      }
    });
    await visit(admin, stand, '/roles');
    await admin.page.getByLabel('One role').selectOption('WAREHOUSE');
    await admin.page.getByLabel('The other role').selectOption('ACCOUNT_MANAGER');
    await admin.page.getByRole('button', { name: 'Make exclusive' }).click();
    const again = admin.page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByRole('textbox', { name: 'Password' }).fill('rolegate-demo-admin');
    await again.getByRole('button', { name: 'Sign in again' }).click();
    await admin.page.getByRole('button', { name: /Allow both: .*WAREHOUSE/ }).waitFor();
    expect(refused).toBe(1);
    await askFrom(admin.page, 'mutation { allowRoles(a: "WAREHOUSE", b: "ACCOUNT_MANAGER", kind: STATIC) { name } }');
  });
});
