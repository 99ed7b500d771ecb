import { expect, test } from 'vitest';
import { faultsOf, problemsOf } from './support.ts';

const TYPES = `
  type Person @public {
    id: ID
    name: String
    email: String @auth(requires: ADMIN)
    homeAddress: String @auth(requires: ADMIN)
    balance: Int @auth(requires: ADMIN)
    notes: [Note]
  }
  type Note @public { text: String @auth(requires: ADMIN) path: String }
  type Dummy @public { _: Int @auth(requires: ADMIN) }
  type Plain @public { sku: String kind: String }
  type Count @public { n: Int }
  enum PersonField { NAME EMAIL }
  input NoteFilter { text: String }
  input Text { eq: String }
  input Rule { field: String op: String value: String }
  input Choice { key: PersonField value: String }
  input PathFilter { path: String }
`;
const query = (field: string, decision: string = '@public'): string => `${TYPES} type Query { ${field} ${decision} }`;

test.each<readonly [field: string, fault: string]>([
  ['emailTaken(email: String): Boolean', 'Query.emailTaken(email:)'],
  ['isEmailTaken(email: String!): Boolean!', 'Query.isEmailTaken(email:)'],
  ['emailsTaken(emails: [String!]!): [Boolean!]!', 'Query.emailsTaken(emails:)'],
  ['emailInUse(value: String): Boolean', 'Query.emailInUse(value:)'],
  ['checkEmail(email: String): Boolean', 'Query.checkEmail(email:)'],
  ['isRegistered(email: String): Boolean', 'Query.isRegistered(email:)'],
  ['homeAddressKnown(homeAddress: String): Boolean', 'Query.homeAddressKnown(homeAddress:)'],
  ['idByEmail(email: String): ID', 'Query.idByEmail(email:)'],
  ['countByEmail(email: String): Int', 'Query.countByEmail(email:)'],
  ['lookupEmail(email: String): String', 'Query.lookupEmail(email:)'],
  ['matchesBalance(balance: Int): Boolean', 'Query.matchesBalance(balance:)'],
])('a value that a client supplies is a probe for a guarded one: %s', (field, fault) => {
  expect(faultsOf(query(field))).toEqual([fault]);
});

test.each<readonly [field: string, decision: string]>([
  ['isEmailValid(email: String): Boolean', '@public'],
  ['previewEmail(email: String): Boolean', '@public'],
  ['gravatar(email: String): String', '@public'],
  ['featureEnabled(name: String): Boolean', '@public'],
  ['convert(balance: Int): Float', '@public'],
  ['available(sku: String, email: String): Boolean', '@public'],
  ['kindTaken(kind: String): Boolean', '@public'],
  ['nameTaken(value: String): Boolean', '@public'],
  ['emailTaken(data: Text): Boolean', '@public'],
  ['emailTaken(email: String @reads(fields: ["Person.id"])): Boolean', '@public'],
  ['emailTaken(email: String): Boolean', '@auth(requires: ADMIN)'],
  ['emailTaken(email: String): Boolean', '@public @reads(fields: ["Person.email"])'],
])('a value that a client supplies probes no guarded one: %s %s', (field, decision) => {
  expect(faultsOf(query(field, decision))).toEqual([]);
});

test.each<readonly [field: string, fault: string]>([
  ['person(email: String): Person', 'Query.person(email:)'],
  ['personByEmail(email: String!): Person', 'Query.personByEmail(email:)'],
  ['people(emails: [String!]): [Person]', 'Query.people(emails:)'],
  ['people(homeAddresses: [String!]): [Person]', 'Query.people(homeAddresses:)'],
  ['people(email: Text): [Person]', 'Query.people(email:)'],
  ['people(notes: NoteFilter): [Person]', 'NoteFilter.text'],
  ['people(sortField: String): [Person]', 'Query.people(sortField:)'],
  ['people(filters: [Rule!]): [Person]', 'Rule.field'],
  ['people(filter: Choice): [Person]', 'PersonField.EMAIL'],
  ['personStats(by: PersonField): Count', 'PersonField.EMAIL'],
  ['peopleAggregate(groupBy: [PersonField!]): Count', 'PersonField.EMAIL'],
])('objects are chosen by guarded fields: %s', (field, fault) => {
  expect(faultsOf(query(field))).toEqual([fault]);
});

test.each<readonly [field: string]>([
  ['person(emailLanguage: String): Person'],
  ['people(names: [String!], ids: [ID!]): [Person]'],
  ['notes(filter: PathFilter): [Note]'],
  ['plain(emails: [String!]): [Plain]'],
  ['plain(filters: [Rule!]): [Plain]'],
  ['dummies(first: Int, taken: String): [Dummy]'],
  ['dummyTaken(value: String): Boolean'],
])('objects are chosen by fields that are not guarded: %s', (field) => {
  expect(faultsOf(query(field))).toEqual([]);
});

test.each<readonly [page: string, faults: readonly string[]]>([
  ['{ people: [Person] total: Int }', ['Query.page(email:)']],
  ['{ people: [Person!]! pageInfo: Count hasMore: Boolean nextCursor: String }', ['Query.page(email:)']],
  ['{ people: [Person] }', []],
  ['{ people: [Person] notes: [Note] total: Int }', []],
  ['{ people: [Person] name: String }', []],
  ['{ names: [String] total: Int }', []],
])('a type with one list, and totals or cursors beside it, is a page: %s', (page, faults) => {
  expect(faultsOf(`type Page @public ${page} ${query('page(email: String): Page')}`)).toEqual(faults);
});

test('the message about a probe says what to do', () => {
  expect(problemsOf(query('emailTaken(email: String): Boolean'))).toEqual([
    'Query.emailTaken(email:): filters or sorts by Person.email, which is guarded; add @reads(fields: ["Person.email"])',
  ]);
});
