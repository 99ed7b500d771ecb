import { expect, test } from 'vitest';
import { editDistance, nearestName } from '../../src/access/edit-distance.ts';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['abc', '', 3],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'ab', 1],
  ['ab', 'abc', 1],
  ['abc', 'xabc', 1],
  ['ab', 'ba', 1],
  ['abcd', 'badc', 2],
  ['xab', 'yba', 2],
  ['abx', 'bay', 2],
  ['ab', 'bc', 2],
  ['ab', 'ca', 2],
  ['ca', 'abc', 3],
  ['kitten', 'sitting', 3],
])('from "%s" to "%s" it takes %i edits', (from, to, edits) => {
  expect(editDistance(from, to, 9)).toBe(edits);
  expect(editDistance(to, from, 9)).toBe(edits);
});

test('more than the most that matters are some number above it', () => {
  expect(editDistance('aaaaaaaa', 'bbbbbbbb', 2)).toBeGreaterThan(2);
  expect(editDistance('aaaaaaaa', 'aaaaaabb', 2)).toBe(2);
});

test.each([
  ['EDITRO', 'EDITOR'],
  ['editor', 'EDITOR'],
  ['AUTHOR', 'AUTHOR'],
  ['AUTHR', 'AUTHOR'],
  ['VISITOR', undefined],
  ['B', undefined],
  ['a', 'A'],
])('the name that %s was meant to be is %s', (name, meant) => {
  expect(nearestName(name, ['A', 'EDITOR', 'AUTHORS', 'AUTHOR'])).toBe(meant);
});
