import { vi } from 'vitest';
import {
  ActivateUserDocument,
  AddUserToAccountDocument,
  AllowRolesDocument,
  AssignRoleDocument,
  ChangeMyEmailDocument,
  ChangePasswordDocument,
  ConfirmEmailDocument,
  CreateAccountDocument,
  CreateApiKeyDocument,
  CreateRoleDocument,
  CreateUserDocument,
  DeactivateUserDocument,
  DeleteAccountDocument,
  DeleteRoleDocument,
  EndSessionDocument,
  ExcludeRolesDocument,
  InviteUserDocument,
  LogoutDocument,
  LogoutEverywhereDocument,
  ReauthenticateDocument,
  RefreshDocument,
  RegisterDocument,
  RemoveUserDocument,
  RemoveUserFromAccountDocument,
  RequestEmailConfirmationDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  RevokeApiKeyDocument,
  RevokeRoleDocument,
  UpdateAccountDocument,
  UpdateMeDocument,
  UpdateMyAccountDocument,
  UpdateRoleDocument,
  UpdateUserDocument,
} from '../../generated/graphql.ts';
import type { TestApp } from '../../support/app.ts';
import { tokenMailedDuring } from '../../support/mails.ts';
import { change, userId } from '../../support/rows.ts';
import { ask, claimsIn, send, signIn, tryToSignIn } from '../../support/signed-in.ts';

const PERSON = {
  username: 'zebediah.quux',
  email: 'zebediah@secret-mail.example',
  displayName: 'Zebediah Quux the Elder',
  password: 'Zebediahs-own-passphrase-77',
  next: 'Zebediahs-other-passphrase-78',
  device: 'Zebediahs-Telephone/1.0',
};

/** Runs every mutation that is recorded. Returns the secrets, names and addresses that it used, which no record may hold. */
export async function runEveryMutation(app: TestApp): Promise<string[]> {
  const secrets: string[] = [];
  const { username, email, displayName, password, next, device } = PERSON;
  const from = { 'user-agent': device };
  await ask(app, from, RegisterDocument, { input: { username, email, displayName, password } });
  const id = await userId(app, username);
  await tryToSignIn(app, email, { password: 'wrong-but-long-enough-guess' });
  const first = await signIn(app, username, { password, headers: from });
  const browser = await signIn(app, email, { password, cookie: true, headers: from });
  const doomed = await signIn(app, username, { password });
  const refreshToken = first.refreshToken ?? '';
  const { refreshSession } = await ask(app, from, RefreshDocument, { refreshToken });
  await change(app, 'update users set email_verified = false where id = ?', id);
  const lost = await tokenMailedDuring(app, 'email', email, () =>
    ask(app, {}, RequestEmailConfirmationDocument, { login: username }),
  );
  const confirmation = await tokenMailedDuring(app, 'email', 'other@secret-mail.example', () =>
    ask(app, first.headers, ChangeMyEmailDocument, { email: 'other@secret-mail.example' }),
  );
  await ask(app, {}, ConfirmEmailDocument, { token: confirmation });
  const invitation = await tokenMailedDuring(app, 'invite', 'zebra@secret-mail.example', () =>
    app.as('ADMIN').query(InviteUserDocument, { email: 'zebra@secret-mail.example' }).data(),
  );
  secrets.push(lost, confirmation, invitation);
  const { createApiKey } = await ask(app, first.headers, CreateApiKeyDocument, { input: { name: 'Zebediahs key' } });
  await ask(app, first.headers, ReauthenticateDocument, { password });
  await ask(app, first.headers, RevokeApiKeyDocument, { id: createApiKey?.apiKey?.id ?? '' });
  await ask(app, first.headers, EndSessionDocument, { id: claimsIn(doomed.accessToken).sid });
  await ask(app, first.headers, UpdateMeDocument, { input: { displayName: 'Zebediah Renamed' } });
  await ask(app, first.headers, ChangePasswordDocument, { current: password, next });
  await ask(app, {}, RequestPasswordResetDocument, { login: username });
  const token = await vi.waitUntil(() => /rg_reset_\S+/.exec(app.mails.at(-1)?.text ?? '')?.[0]);
  await ask(app, {}, ResetPasswordDocument, { token, next: password });
  const again = await signIn(app, username, { password });
  await ask(app, again.headers, LogoutDocument);
  const other = await signIn(app, username, { password });
  await ask(app, other.headers, LogoutEverywhereDocument);
  const stolen = await signIn(app, username, { password });
  const used = stolen.refreshToken ?? '';
  await ask(app, {}, RefreshDocument, { refreshToken: used });
  app.clock.advance(30);
  await send(app, {}, RefreshDocument, { refreshToken: used });
  secrets.push(
    ...Object.values(PERSON),
    'wrong-but-long-enough-guess',
    'Zebediah',
    'zebediah',
    'Quux',
    'secret-mail',
    token,
    createApiKey?.key ?? '',
    refreshToken,
    used,
    refreshSession?.refreshToken ?? '',
    ...[first, browser, doomed, again, stolen].flatMap(({ accessToken, cookie }) => [
      accessToken,
      cookie ?? 'rg_session_',
    ]),
  );
  await administer(app, id, secrets);
  return secrets;
}

/** The mutations of administrators, done to the person among others. */
async function administer(app: TestApp, id: string, secrets: string[]): Promise<void> {
  const admin = app.as('SUPER_ADMIN');
  const { createUser } = await admin
    .query(CreateUserDocument, {
      input: { username: 'zebedee', email: 'zebedee@secret-mail.example', displayName: 'Zebedee Quux', roles: [] },
    })
    .data();
  const target = createUser?.id ?? '';
  await app
    .as('ACCOUNT_ADMIN')
    .query(CreateUserDocument, {
      input: { username: 'zebulon', email: 'zebedee@secret-mail.example', displayName: 'Zebulon Quux' },
    })
    .data();
  await vi.waitUntil(() => app.mails.some(({ to }) => to === 'zebedee@secret-mail.example'));
  await admin.query(UpdateUserDocument, { id: target, input: { email: 'zebedee2@secret-mail.example' } }).data();
  await admin.query(DeactivateUserDocument, { id }).data();
  await admin.query(ActivateUserDocument, { id }).data();
  await admin.query(CreateRoleDocument, { input: { name: 'AUDITOR', inherits: ['GUEST'] } }).data();
  await admin.query(CreateRoleDocument, { input: { name: 'CASHIER' } }).data();
  await admin.query(UpdateRoleDocument, { name: 'AUDITOR', input: { inherits: ['STANDARD'] } }).data();
  await admin.query(ExcludeRolesDocument, { a: 'AUDITOR', b: 'CASHIER' }).data();
  await admin.query(AllowRolesDocument, { a: 'AUDITOR', b: 'CASHIER' }).data();
  await admin.query(AssignRoleDocument, { userId: target, role: 'AUDITOR' }).data();
  await admin.query(RevokeRoleDocument, { userId: target, role: 'AUDITOR' }).data();
  await admin.query(DeleteRoleDocument, { name: 'CASHIER' }).data();
  const { createAccount } = await admin
    .query(CreateAccountDocument, {
      input: { name: 'Quux and Sons', billingEmail: 'bills@secret-mail.example', iban: 'DE89370400440532013000' },
    })
    .data();
  const accountId = createAccount?.id ?? '';
  await admin.query(UpdateAccountDocument, { id: accountId, input: { name: 'Quux and Daughters' } }).data();
  await admin.query(AddUserToAccountDocument, { userId: target, accountId }).data();
  await admin.query(RemoveUserFromAccountDocument, { userId: target, accountId }).data();
  await admin.query(DeleteAccountDocument, { id: accountId }).data();
  await admin.query(RemoveUserDocument, { id: target }).data();
  await app
    .as('ACCOUNT_ADMIN')
    .query(UpdateMyAccountDocument, { input: { name: 'Quux Incorporated' } })
    .data();
  secrets.push(
    'zebedee',
    'zebulon',
    'Zebedee',
    'Daughters',
    'Sons',
    'DE89370400440532013000',
    'bills@',
    'Incorporated',
  );
}
