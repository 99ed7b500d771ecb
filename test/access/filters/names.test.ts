import { describe, expect, test } from 'vitest';
import { problemsOf } from '../support.ts';
import { CLINIC, CLINIC_INNOCENT, CLINIC_NOTICED } from './clinic.ts';
import { INNOCENT } from './innocent.ts';
import { MARKETPLACE, MARKETPLACE_INNOCENT, MARKETPLACE_NOTICED } from './marketplace.ts';
import { NOTICED } from './noticed.ts';
import { INPUTS, TYPES } from './schema.ts';

/** Puts a field, `field(…): Type` or `Type.field(…): Type`, with definitions behind `;;`, into a schema. */
function sdlOf(types: string, line: string): string {
  const [field = '', definitions = ''] = line.split(' ;; ');
  const [, on = 'Query', written = field] = /^([A-Z]\w*)\.(.*)$/.exec(field) ?? [];
  const decision = /\): [^(]*@/.test(field) ? '' : '@public';
  const keyword = on === 'Mutation' || on === 'Subscription' ? 'type' : 'extend type';
  return `${types} ${definitions} type Query { open: Int @public } ${keyword} ${on} { ${written} ${decision} }`;
}

describe.each([
  ['a shop', TYPES + INPUTS, NOTICED, INNOCENT],
  ['a clinic', CLINIC, CLINIC_NOTICED, CLINIC_INNOCENT],
  ['a marketplace', MARKETPLACE, MARKETPLACE_NOTICED, MARKETPLACE_INNOCENT],
])('the names of arguments in the schema of %s', (_name, types, noticed, innocent) => {
  test.each(noticed)('%s reveals guarded values', (line) => {
    const problems = problemsOf(sdlOf(types, line));
    expect(problems).not.toEqual([]);
    expect(problems.filter((problem) => !/ guarded; add @reads\(fields: \["/.test(problem))).toEqual([]);
  });

  test.each(innocent)('%s reveals nothing', (line) => {
    expect(problemsOf(sdlOf(types, line))).toEqual([]);
  });
});

test.each([
  'Patient.hasDiagnosis(code: String): Boolean',
  'isInviteCodeValid(inviteCode: String): Boolean',
  'secretName(token: String): String',
  'suggest(prefix: String): [String]',
  'isPatient(diagnosis: Severity): Boolean',
])('%s says too little by its names, and is not noticed', (line) => {
  expect(problemsOf(sdlOf(CLINIC, line))).toEqual([]);
});

test.each(['memberships(sort: String): [Membership]', 'teams(memberEmail: String): [Team]'])(
  '%s may reach what is guarded in related objects only, and is not noticed',
  (line) => {
    expect(problemsOf(sdlOf(MARKETPLACE, line))).toEqual([]);
  },
);

test.each([
  ['on the argument', 'isDriver(phoneNumber: String @reads(fields: ["Driver.nickname"])): Boolean'],
  ['on the field', 'isDriver(phoneNumber: String): Boolean @public @reads(fields: ["Driver.phoneNumber"])'],
])('@reads %s is the way out of a false alarm', (_name, line) => {
  expect(problemsOf(sdlOf(CLINIC, line))).toEqual([]);
});
