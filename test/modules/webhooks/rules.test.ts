import { describe, expect, it } from 'vitest';
import { BadUserInput } from '../../../src/lib/errors.ts';
import { createAddressCheck } from '../../../src/lib/network.ts';
import { isWanted, progressAfter, requireActions, requireEndpoint } from '../../../src/modules/webhooks/rules.ts';

describe('an administrator', () => {
  it.each([
    ['nowhere'],
    ['ftp://example.com/'],
    ['https://user@example.com/'],
    ['https://:secret@example.com/'],
    ['https://example.com/#x'],
    ['https://10.0.0.1/'],
    ['https://[::ffff:10.0.0.1]/'],
    ['https://169.254.169.254/latest'],
    ['https://0xa000001/'],
    ['https://127.1/'],
    ['http://8.8.8.8/'],
    ['http://example.com/'],
    [`https://example.com/${'x'.repeat(2_000)}`],
  ])('an administrator cannot name the endpoint %s', (url) => {
    expect(() => requireEndpoint(url, createAddressCheck([]), false)).toThrow(BadUserInput);
  });

  it('an administrator can name endpoints of the public internet, and of allowed networks', () => {
    const check = createAddressCheck(['10.0.0.0/8']);
    for (const url of ['https://example.com/a?b=c', 'http://10.0.0.1/', 'https://[2606:4700::1111]:8443/']) {
      expect(requireEndpoint(url, check, true)).toBe(url);
    }
  });

  it('an administrator can name actions of the audit trail, and their beginnings', () => {
    expect(requireActions(['role.*', 'role.*', 'login.failed'])).toEqual(['role.*', 'login.failed']);
    for (const actions of [['role.eaten'], ['rolls.*'], ['*'], [''], Array.from({ length: 51 }, (_, i) => `${i}`)]) {
      expect(() => requireActions(actions)).toThrow(BadUserInput);
    }
    expect(isWanted([], 'role.created')).toBe(true);
    expect(isWanted(['role.*'], 'roles.excluded')).toBe(false);
  });
});

it('the waits between attempts grow, and vary at random', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const failed = { status: 500, failure: 'STATUS', retryAfter: null } as const;
  const waits = [0, 1].map((random) =>
    Array.from({ length: 9 }, (_, attempts) => {
      const { state } = progressAfter({ attempts, failingSince: now }, failed, now, () => random);
      return (state.nextAttemptAt.getTime() - now.getTime()) / 1_000;
    }),
  );
  expect(waits[0]).toEqual([4, 24, 96, 480, 1_440, 2_880, 5_760, 14_400, 4]);
  expect(waits[1]).toEqual([6, 36, 144, 720, 2_160, 4_320, 8_640, 21_600, 6]);
});
