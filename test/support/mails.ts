import { expect, vi } from 'vitest';
import type { TestApp } from './app.ts';

/** Returns the mails that are sent while, and shortly after, the work runs: at least so many. */
export async function mailsDuring(app: TestApp, work: () => Promise<unknown>, count = 1) {
  app.mails.length = 0;
  await work();
  await vi.waitFor(() => expect(app.mails.length).toBeGreaterThanOrEqual(count));
  return [...app.mails];
}

/** Returns the token of a kind that was mailed to an address while, or shortly after, the work ran. */
export async function tokenMailedDuring(
  app: TestApp,
  kind: 'email' | 'invite' | 'reset',
  to: string,
  work: () => Promise<unknown>,
): Promise<string> {
  app.mails.length = 0;
  await work();
  return vi.waitFor(() => {
    const texts = app.mails.filter((mail) => mail.to === to).map(({ text }) => text);
    const [token] = new RegExp(String.raw`rg_${kind}_[\w-]{43}`).exec(texts.join('\n')) ?? [];
    expect(token).toBeDefined();
    return token ?? '';
  });
}

/** Texts that are no tokens any more, or never were, made of one that is valid: each is to get the same answer. */
export function badTokensLike(token: string): string[] {
  const swapped = token.replace(/_(?:email|invite|reset)_/, (kind) => (kind === '_reset_' ? '_key_' : '_reset_'));
  const last = token.at(-1) === 'A' ? 'B' : 'A';
  return [
    token.slice(0, -1),
    `${token}A`,
    ` ${token}`,
    swapped,
    `${token.slice(0, -5)}${last}AAAA`,
    '',
    'x'.repeat(5_000),
  ];
}

/** Returns the text of a mail that is sent to an address while, or shortly after, the work runs. */
export async function mailTo(app: TestApp, to: string, work: () => Promise<unknown>): Promise<string> {
  app.mails.length = 0;
  await work();
  return vi.waitFor(() => {
    const mail = app.mails.find((sent) => sent.to === to);
    expect(mail).toBeDefined();
    return mail?.text ?? '';
  });
}
