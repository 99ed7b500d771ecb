import { expect, test } from 'vitest';
import { verdictOn } from '../../src/access/index.ts';
import { ANONYMOUS, policyOfSdl, viewer } from './support.ts';

const SDL = `
  type Note @public { by: ID text: String @auth(requires: EDITOR, owner: "by") }
  type Query @public { note(id: ID @auth): Note }
`;

test.each([
  ['never', ANONYMOUS, 'Note.text', 'denied'],
  ['an anonymous viewer, in the open', ANONYMOUS, 'Note.by', 'allowed'],
  ['a user', viewer('USER'), 'Note.text', 'own'],
  ['who holds the role', viewer('ADMIN'), 'Note.text', 'allowed'],
] as const)('%s gets to a field, or not', (_name, who, coordinate, verdict) => {
  expect(verdictOn(policyOfSdl(SDL), { viewer: who, coordinate })).toBe(verdict);
});

test.each(['Note.title', 'Query.note(id:)', 'Note', ''])('%s is no field', (coordinate) => {
  expect(() => verdictOn(policyOfSdl(SDL), { viewer: viewer(), coordinate })).toThrow(
    new TypeError(`The schema has no field ${coordinate}`),
  );
});
