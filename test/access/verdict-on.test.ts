import { describe, expect, test } from 'vitest';
import { type AccessViewer, verdictOn, verdictsOn, visibleSchema } from '../../src/access/index.ts';
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

test.each(['Note.title', 'Query.note(id:)', 'Note', ''])('%s is not a field', (coordinate) => {
  expect(() => verdictOn(policyOfSdl(SDL), { viewer: viewer(), coordinate })).toThrow(
    new TypeError(`The schema has no field ${coordinate}`),
  );
});

test.each<readonly [string, unknown, string]>([
  [
    'nothing',
    undefined,
    'The option viewer must be { id, roles, permissions }, with the id null for an anonymous viewer',
  ],
  ['a text', 'me', 'The option viewer must be { id, roles, permissions }, with the id null for an anonymous viewer'],
  [
    'a number as id',
    { ...viewer(), id: 7 },
    'The id of an access viewer must be a string that is not empty, or null for an anonymous one',
  ],
  [
    'an empty id',
    { ...viewer(), id: '' },
    'The id of an access viewer must be a string that is not empty, or null for an anonymous one',
  ],
])('%s is not a viewer', (_name, who, message) => {
  const options = { viewer: who as AccessViewer, coordinate: 'Note.text' };
  expect(() => verdictOn(policyOfSdl(SDL), options)).toThrow(new TypeError(message));
});

describe('verdicts on several coordinates', () => {
  const MORE = `
    type Note @public { by: ID text(form: Form @auth(requires: EDITOR), size: Int): String }
    enum Form { SHORT LONG @reads(fields: ["Query.secret"]) }
    input Filter { text: String @auth(requires: ADMIN) by: ID }
    type Query @public { notes(filter: Filter): [Note] secret: Int @auth(requires: ADMIN) }
  `;
  const coordinates = [
    'Note.by',
    'Note.text',
    'Note.text(form:)',
    'Note.text(size:)',
    'Form.SHORT',
    'Form.LONG',
    'Filter.text',
    'Filter.by',
    'Query.secret',
    'Query.notes(filter:)',
    'Query.notes(other:)',
    'Form.MEDIUM',
    'Filter.x',
    'Note',
    '',
  ];
  const verdicts = (who: AccessViewer, pruned: boolean): unknown[] => {
    const policy = policyOfSdl(MORE);
    const visible = pruned ? visibleSchema(policy, { viewer: who }) : undefined;
    const found = verdictsOn(policy, { viewer: who, coordinates, visible });
    expect(found.map(({ coordinate }) => coordinate)).toEqual(coordinates);
    return found.map(({ verdict }) => verdict);
  };
  const [yes, no] = ['allowed', 'denied'];
  const missing = [null, null, null, null, null];

  test.each<readonly [string, AccessViewer, boolean, readonly unknown[]]>([
    ['in the complete schema', viewer('USER'), false, [yes, yes, no, yes, yes, no, no, yes, no, yes]],
    ['in the visible one', viewer('USER'), true, [yes, yes, null, yes, null, null, null, yes, null, yes]],
    ['for an editor', viewer('EDITOR'), true, [yes, yes, yes, yes, yes, null, null, yes, null, yes]],
    ['for an admin', viewer('ADMIN'), true, [yes, yes, yes, yes, yes, yes, yes, yes, yes, yes]],
  ])('%s', (_name, who, pruned, expected) => {
    expect(verdicts(who, pruned)).toEqual([...expected, ...missing]);
  });
});
