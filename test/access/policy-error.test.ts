import { expect, test } from 'vitest';
import { authTypeDefs, PolicyError, readPolicy } from '../../src/access/index.ts';
import { ROLES } from './support.ts';

// A schema that is adopted step by step may have thousands of undecided fields: the message shows some of them, and counts
// the others by type.

/** Returns the lines of the message about a schema in which each type has so many undecided fields. */
function linesFor(counts: Readonly<Record<string, number>>): string[] {
  const types = Object.entries(counts).map(([name, count]) => {
    const fields = Array.from({ length: count }, (_, index) => `f${String(index).padStart(2, '0')}: Int`);
    return `type ${name} { ${fields.join(' ')} }`;
  });
  return linesOf(`${types.join(' ')} type Query @public { a: Int }`);
}

function linesOf(sdl: string): string[] {
  try {
    readPolicy([authTypeDefs, ROLES, sdl]);
  } catch (error) {
    if (error instanceof PolicyError) {
      return error.message.split('\n');
    }
  }
  throw new Error('The policy was not refused');
}

const ALL = '  (The property "problems" of this error has all of them.)';

test('twenty problems are all shown', () => {
  const lines = linesFor({ T: 20 });
  expect([lines.length, lines[0], lines[1], lines[20]]).toEqual([
    21,
    'The access policy has 20 problems:',
    '  T.f00: is undecided; put @auth or @public on it, or on T',
    '  T.f19: is undecided; put @auth or @public on it, or on T',
  ]);
  expect(linesFor({ T: 1 })[0]).toBe('The access policy has 1 problem:');
});

test('of more than twenty problems twenty are shown and the others counted, the type with the most of them first', () => {
  const lines = linesFor({ A: 21, B: 2, C: 4, D: 3 });
  expect(lines).toHaveLength(23);
  expect(lines.slice(20)).toEqual([
    '  A.f19: is undecided; put @auth or @public on it, or on A',
    '  … and 10 more, by type: C 4, D 3, B 2, A 1',
    ALL,
  ]);
});

test('twenty types are counted one by one, and further ones together', () => {
  const names = Array.from({ length: 21 }, (_, index) => `T${index + 10}`);
  const counts = (count: number) => Object.fromEntries(names.slice(0, count).map((name) => [name, 1]));
  const listed = names.slice(0, 20).map((name) => `${name} 1`);
  expect(linesFor({ A: 20, ...counts(20) }).slice(21)).toEqual([`  … and 20 more, by type: ${listed.join(', ')}`, ALL]);
  expect(linesFor({ A: 20, ...counts(21) }).slice(21)).toEqual([
    `  … and 21 more, by type: ${listed.join(', ')} and 1 other types`,
    ALL,
  ]);
});

test('problems of arguments and of types count for their type', () => {
  const fields = Array.from({ length: 22 }, (_, index) => `f${index + 10}(x: Int @auth(requires: BOSS)): Int`);
  const query = `type Query @public { ${fields.join(' ')} } type Zoo @auth(requires: BOSS) { a: Int }`;
  expect(linesOf(query).slice(21)).toEqual(['  … and 3 more, by type: Query 2, Zoo 1', ALL]);
});
