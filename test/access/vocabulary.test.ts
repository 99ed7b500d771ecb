import { describe, expect, test } from 'vitest';
import { editDistance } from '../../src/access/edit-distance.ts';
import { DEFAULT_NAMES, meantName } from '../../src/access/read/vocabulary.ts';

const WORDS = { names: DEFAULT_NAMES, ignored: new Set<string>() };
const NAMES = ['auth', 'public', 'reads', 'inherits'] as const;

/** Every name that one slip of the keyboard makes of another. */
function slipsOf(name: string): string[] {
  const places = Array.from(
    { length: name.length + 1 },
    (_, index) => [name.slice(0, index), name.slice(index)] as const,
  );
  return places.flatMap(([before, after]) => [
    `${before}x${after}`,
    `${before}${after.slice(1)}`,
    `${before}x${after.slice(1)}`,
    `${before}${after[1] ?? ''}${after[0] ?? ''}${after.slice(2)}`,
    `${before}${after[0]?.toUpperCase() ?? ''}${after.slice(1)}`,
  ]);
}

describe('a misspelt name', () => {
  test.each(NAMES)('@%s, after any one slip', (name) => {
    expect(slipsOf(name).filter((slip) => meantName(slip, WORDS) !== name)).toEqual([]);
  });

  test.each(['xauthx', 'axutxh', 'xxth', 'tuha', 'au', 'authxx', 'hatu', 'rds', 'ublicp', 'inheritable', 'a', ''])(
    'nothing of ours by %j, which is further away',
    (name) => {
      expect(meantName(name, WORDS)).toBeNull();
    },
  );

  test('is recognized whichever of two names is longer', () => {
    expect(editDistance('auth', 'auths', 1)).toBe(1);
    expect(editDistance('auths', 'auth', 1)).toBe(1);
  });
});
