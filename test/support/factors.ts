import { generateSync } from 'otplib';
import {
  AddPasskeyDocument,
  ConfirmTotpDocument,
  SignInByPasskeyDocument,
  StartPasskeyDocument,
  StartPasskeySignInDocument,
  StartTotpDocument,
} from '../generated/graphql.ts';
import type { HttpAnswer, TestApp } from './app.ts';
import { Authenticator } from './authenticator.ts';
import { ask, type Headers, send } from './signed-in.ts';

/** A second factor that was set up. */
export interface Enrolled {
  readonly secret: string;
  readonly codes: string[];
}

/** Returns the code of a secret at the app's time, some steps from now. */
export function codeOf(app: TestApp, secret: string, steps = 0): string {
  return generateSync({ secret, epoch: Math.floor(app.clock.now().getTime() / 1_000) + steps * 30 });
}

/** Sets up a second factor, and moves on to the next time step, so that the next code is a new one. */
export async function enrol(app: TestApp, headers: Headers): Promise<Enrolled> {
  const { startTotp } = await ask(app, headers, StartTotpDocument);
  const secret = startTotp?.secret ?? '';
  const { confirmTotp } = await ask(app, headers, ConfirmTotpDocument, { code: codeOf(app, secret) });
  app.clock.advance(30);
  return { secret, codes: confirmTotp?.codes ?? [] };
}

/** Returns the challenge in the answer to the first step of a login. */
export function challengeIn({ body, text }: HttpAnswer): string {
  const challenge = body.errors?.[0]?.extensions?.['challenge'];
  if (typeof challenge !== 'string') {
    throw new Error(`A challenge was expected: ${text}`);
  }
  return challenge;
}

/** A passkey that was added, with the authenticator that holds it. */
export interface AddedPasskey {
  readonly key: Authenticator;
  readonly id: string;
  readonly codes: readonly string[] | null;
}

/** Adds a passkey of a new authenticator to the user of a session. */
export async function addPasskey(app: TestApp, headers: Headers, name = 'Key'): Promise<AddedPasskey> {
  const key = new Authenticator();
  const { startPasskey } = await ask(app, headers, StartPasskeyDocument);
  const input = { name, response: key.create(startPasskey) };
  const { addPasskey: added } = await ask(app, headers, AddPasskeyDocument, input);
  return { key, id: added?.passkey?.id ?? '', codes: added?.codes ?? null };
}

/** Returns the options for a passkey in the answer to the first step of a login. */
export function passkeyIn({ body }: HttpAnswer): unknown {
  return body.errors?.[0]?.extensions?.['passkey'];
}

/** Starts to sign in by a passkey. Returns the options for the browser. */
export async function signInOptions(app: TestApp): Promise<unknown> {
  return (await ask(app, {}, StartPasskeySignInDocument)).startPasskeySignIn;
}

/** Signs in with the response of an authenticator. */
export function signInByPasskey(app: TestApp, response: unknown, more: object = {}): Promise<HttpAnswer> {
  return send(app, {}, SignInByPasskeyDocument, { response, ...more });
}
