import { hash as argon2 } from '@node-rs/argon2';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { OverloadedError } from '../../../src/lib/errors.ts';
import { createPasswordHasher, OWASP_PARAMETERS } from '../../../src/auth/passwords/hashing.ts';

/** The least that argon2 allows, so that the tests are quick. */
const parameters = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const password = 'lantern spoon gravel';

function build(change: Parameters<typeof createPasswordHasher>[0] = {}) {
  return createPasswordHasher({ parameters, ...change });
}

describe('a hash', () => {
  test('a hash is an argon2id PHC string with a salt of its own', async () => {
    const hasher = build();
    const [one, two] = [await hasher.hash(password), await hasher.hash(password)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
  });

  test('hashing costs what OWASP demands by default', async () => {
    expect(await createPasswordHasher().hash(password)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(OWASP_PARAMETERS).toEqual({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  });

  test('every character of the password counts', async () => {
    const hasher = build();
    const long = `${'lantern '.repeat(15)}spoons!!`;
    const phc = await hasher.hash(long);
    expect(long).toHaveLength(128);
    expect(await hasher.verify(long, phc)).toBe(true);
    expect(await hasher.verify(`${long.slice(0, -1)}?`, phc)).toBe(false);
  });

  test.each([
    ['case', 'Lantern spoon gravel'],
    ['a space at the end', 'lantern spoon gravel '],
    ['a space at the front', ' lantern spoon gravel'],
    ['what follows a NUL', 'lantern spoon\u0000gravel'],
    ['nothing', ''],
  ])('a hash differs by %s', async (_, other) => {
    const hasher = build();
    expect(await hasher.verify(other, await hasher.hash(password))).toBe(false);
    expect(await hasher.verify(password, await hasher.hash(other))).toBe(false);
    expect(await hasher.verify(other, await hasher.hash(other))).toBe(true);
  });

  test('one text has one hash, however a keyboard composes it', async () => {
    const hasher = build();
    const phc = await hasher.hash('crème brûlée'.normalize('NFC'));
    expect(await hasher.verify('crème brûlée'.normalize('NFD'), phc)).toBe(true);
    expect(await hasher.verify('ｃrème brûlée', phc)).toBe(true);
    expect(await hasher.verify('creme brulee', phc)).toBe(false);
  });
});

describe('the number of hashes', () => {
  test.each([
    ['the right password', password, async () => build().hash(password), true],
    ['a wrong password', 'gravel spoon lantern', async () => build().hash(password), false],
    ['an unknown user, or one without a password', password, async () => null, false],
    ['an empty password', '', async () => build().hash(password), false],
    ['half a character', `${password}\ud800`, async () => build().hash(`${password}\ufffd`), false],
  ])('one hash is computed for %s', async (_, given, stored, expected) => {
    const hasher = build();
    expect(await hasher.verify(given, await stored())).toBe(expected);
    expect(hasher.computed).toBe(1);
  });

  test.each([
    ['129 characters', 'x'.repeat(129)],
    ['129 characters of four bytes', '🦊'.repeat(129)],
    ['a megabyte', 'x'.repeat(2 ** 20)],
  ])('no hash is computed for %s', async (_, given) => {
    const hasher = build();
    const phc = await hasher.hash(password);
    expect(await hasher.verify(given, phc)).toBe(false);
    expect(await hasher.verify(given, null)).toBe(false);
    await expect(hasher.hash(given)).rejects.toThrow(RangeError);
    expect(hasher.computed).toBe(1);
  });

  test('no hash is computed for a new password that is not text', async () => {
    const hasher = build();
    await expect(hasher.hash('lantern spoon \ud800')).rejects.toThrow(RangeError);
    expect(hasher.computed).toBe(0);
  });
});

test('an unknown user costs as much time as a known one', async () => {
  const hasher = createPasswordHasher({ concurrency: 1 });
  const phc = await hasher.hash(password);
  const time = async (stored: string | null): Promise<number> => {
    const start = performance.now();
    await hasher.verify('gravel spoon lantern', stored);
    return performance.now() - start;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    known.push(await time(phc));
    unknown.push(await time(null));
  }
  // The quickest of each: what a busy machine adds is not theirs.
  const ratio = Math.min(...unknown) / Math.min(...known);
  expect(ratio).toBeGreaterThan(0.75);
  expect(ratio).toBeLessThan(1.33);
});

describe('a rehash is due', () => {
  const strong = { memoryCost: 16, timeCost: 2, parallelism: 1 };

  test.each([
    ['for the same parameters', strong, false],
    ['for more memory', { ...strong, memoryCost: 32 }, false],
    ['for less memory', { ...strong, memoryCost: 8 }, true],
    ['for fewer passes', { ...strong, timeCost: 1 }, true],
    ['for more memory but fewer passes', { ...strong, memoryCost: 64, timeCost: 1 }, true],
  ])('a rehash is due, or not: %s', async (_, stored, expected) => {
    const phc = await argon2(password, stored);
    const hasher = build({ parameters: strong });
    expect(hasher.needsRehash(phc)).toBe(expected);
    expect(await hasher.verify(password, phc)).toBe(true);
  });

  test('a rehash is due for another algorithm or version', () => {
    const tail = `m=16,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
    const stored = ['$argon2id$v=19', '$argon2id$v=16', '$argon2i$v=19', '$argon2d$v=19'].map(
      (kind) => `${kind}$${tail}`,
    );
    expect(stored.map((phc) => build({ parameters: strong }).needsRehash(phc))).toEqual([false, true, true, true]);
  });

  test('no rehash is due for what hash() returns', async () => {
    const hasher = build();
    expect(hasher.needsRehash(await hasher.hash(password))).toBe(false);
  });

  test('a stored text that is not a PHC string is a bug, not a wrong password', async () => {
    await expect(build().verify(password, 'plain text')).rejects.toThrow(Error);
    expect(() => build().needsRehash('plain text')).toThrow(Error);
  });
});

describe('many at once', () => {
  test('passwords are checked as long as the queue holds them', async () => {
    const hasher = build({ concurrency: 1, queueLimit: 50 });
    const phc = await hasher.hash(password);
    const answers = await Promise.all(Array.from({ length: 51 }, async () => hasher.verify(password, phc)));
    expect(answers).toEqual(Array.from({ length: 51 }, () => true));
  });

  test('more passwords than the queue holds are refused without a hash, and accepted again later', async () => {
    const hasher = build({ concurrency: 2, queueLimit: 3 });
    const answers = await Promise.allSettled(Array.from({ length: 9 }, async () => hasher.verify(password, null)));
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toEqual(
      Array.from({ length: 4 }, () => ({ status: 'rejected', reason: expect.any(OverloadedError) })),
    );
    expect(hasher.computed).toBe(5);
    expect(await hasher.verify(password, null)).toBe(false);
  });

  test('hashing leaves the event loop to other work', async () => {
    const hasher = createPasswordHasher();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await Promise.all(Array.from({ length: 20 }, async () => hasher.verify(password, null)));
    delay.disable();
    expect(hasher.computed).toBe(20);
    // Twenty hashes of some 15 ms each would block it for 300 ms.
    expect(delay.max / 1e6).toBeLessThan(250);
  });

  test('a failed hash frees its place in the queue', async () => {
    const hasher = build({ concurrency: 1, queueLimit: 0 });
    await expect(hasher.verify(password, 'plain text')).rejects.toThrow(Error);
    expect(await hasher.verify(password, null)).toBe(false);
  });
});
