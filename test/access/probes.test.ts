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
  type Letter @public { from: ID @auth(requires: ADMIN) order: Int @auth(requires: ADMIN) text: String }
  type Shop @public { code: String }
  type Setting @public { value: String }
  type Plain @public { sku: String kind: String }
  type Count @public { n: Int text: String @auth(requires: ADMIN) }
  enum PersonField { NAME EMAIL }
  enum LetterField { TEXT DATE }
  enum SomeFields { ID EMAIL RELEVANCE }
  input NoteFilter { text: String }
  input Text { eq: String }
  scalar JSON
  input Texts { text: String }
  input Emails { email: String }
  input Skus { sku: String }
  input Nested { and: [Nested!] person: Emails }
  input PersonKey { email: String }
  input Rule { field: String op: String value: String }
  input Choice { key: PersonField value: String }
  input PathFilter { path: String }
  input PathsFilter { paths: [String!] }
`;
const query = (field: string, decision: string = '@public'): string => `${TYPES} type Query { ${field} ${decision} }`;

test.each<readonly [field: string, fault: string]>([
  ['emailTaken(email: String): Boolean', 'Query.emailTaken(email:)'],
  ['isEmailTaken(email: String!): Boolean!', 'Query.isEmailTaken(email:)'],
  ['emailsTaken(emails: [String!]!): [Boolean!]!', 'Query.emailsTaken(emails:)'],
  ['emailInUse(value: String): Boolean', 'Query.emailInUse(value:)'],
  ['checkEmail(value: String): Boolean', 'Query.checkEmail(value:)'],
  ['emailTaken(email: String, locale: String): Boolean', 'Query.emailTaken(email:)'],
  ['emailTaken(newEmail: ID, byEmail: String): Boolean', 'Query.emailTaken(byEmail:)'],
  ['isRegistered(withEmail: String): Boolean', 'Query.isRegistered(withEmail:)'],
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
  ['sumBalance(where: Emails): Float', 'Emails.email'],
  ['totalBalance(filter: Emails!): Float!', 'Emails.email'],
  ['averageBalance(input: Emails): Float', 'Emails.email'],
  ['balanceMax(where: Nested): Int', 'Emails.email'],
  ['maxHomeAddress(where: JSON): String', 'Query.maxHomeAddress(where:)'],
  ['sumN(criteria: Texts): Int', 'Texts.text'],
  ['sumPrice(where: Emails): Float', 'Emails.email'],
  ['sum(where: Emails): Float', 'Emails.email'],
  ['balance(where: Emails): Float', 'Emails.email'],
])('the filter of a sum tells of the objects whose values are summed up: %s', (field, fault) => {
  expect(faultsOf(query(field))).toEqual([fault]);
});

test.each([
  'sumBalance(where: Skus): Float',
  'sum(where: JSON): Float',
  'letterCount(where: Emails): Int',
  'convert(input: Emails): Float',
])('the filter of a number tells of nothing guarded: %s', (field) => {
  expect(faultsOf(query(field))).toEqual([]);
});

test.each<readonly [field: string, fault: string]>([
  ['person(email: String): Person', 'Query.person(email:)'],
  ['person(byEmail: String): Person', 'Query.person(byEmail:)'],
  ['person(email: Text): Person', 'Query.person(email:)'],
  ['findPerson(text: String): Person', 'Query.findPerson(text:)'],
  ['person(query: String): Person', 'Query.person(query:)'],
  ['personName(q: String): String', 'Query.personName(q:)'],
  ['letter(from: ID): Letter', 'Query.letter(from:)'],
  ['letters(byFrom: ID): [Letter]', 'Query.letters(byFrom:)'],
  ['letters(notInFrom: [ID]): [Letter]', 'Query.letters(notInFrom:)'],
  ['personByEmail(email: String!): Person', 'Query.personByEmail(email:)'],
  ['people(emails: [String!]): [Person]', 'Query.people(emails:)'],
  ['people(homeAddresses: [String!]): [Person]', 'Query.people(homeAddresses:)'],
  ['people(email: Text): [Person]', 'Query.people(email:)'],
  ['people(notes: NoteFilter): [Person]', 'NoteFilter.text'],
  ['people(notes: Texts): [Person]', 'Texts.text'],
  ['people(mySort: SomeFields): [Person]', 'SomeFields.EMAIL'],
  ['people(personNameFilter: String): [Person]', 'Query.people(personNameFilter:)'],
  ['peopleCount(filter: PersonKey): Int', 'PersonKey.email'],
  ['peopleCount(filter: Emails): Int', 'Emails.email'],
  ['people(options: JSON): [Person]', 'Query.people(options:)'],
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
  ['notes(filter: PathsFilter): [Note]'],
  ['plain(emails: [String!]): [Plain]'],
  ['plain(query: String): Plain'],
  ['person(options: JSON): Person'],
  ['letters(orderBy: LetterField): [Letter]'],
  ['shops(codeIn: [String!]): [Shop]'],
  ['plain(filters: [Rule!]): [Plain]'],
  ['dummies(first: Int, taken: String): [Dummy]'],
  ['dummyTaken(value: String): Boolean'],
])('objects are chosen by fields that are not guarded: %s', (field) => {
  expect(faultsOf(query(field))).toEqual([]);
});

test.each<readonly [page: string, faults: readonly string[]]>([
  ['{ people: [Person] total: Int }', ['Query.page(email:)']],
  ['{ people: [Person!]! pageInfo: Count hasMore: Boolean nextCursor: String }', ['Query.page(email:)']],
  ['{ people: [Person] }', ['Query.page(email:)']],
  ['{ people: [Person] notes: [Note] total: Int }', ['Query.page(email:)']],
  ['{ people: [Person] name: String }', ['Query.page(email:)']],
  ['{ people: [Person] name: String total: Int }', ['Query.page(email:)']],
  ['{ names: [String] total: Int }', []],
  ['{ people: [Person] email: String }', []],
  ['{ people: [Person] emailVerified: Boolean }', ['Query.page(email:)']],
])(
  'an argument is named after a field of the objects that a type leads to, if the type has none of the name: %s',
  (page, faults) => {
    expect(faultsOf(`type Page @public ${page} ${query('page(email: String): Page')}`)).toEqual(faults);
  },
);

test('a type with a list of leaves is not a page, so an input object beside it chooses nothing', () => {
  const types = 'type Page @public { names: [String] total: Int @auth(requires: ADMIN) } input Options { total: Int }';
  expect(faultsOf(`${types} ${query('page(options: Options): Page')}`)).toEqual([]);
});

test.each<readonly [field: string, revealed: readonly string[]]>([
  ['personByEmail(email: String): Person', ['Person.email']],
  ['personCountByEmail(email: String): Int', ['Person.email']],
  ['idByEmail(email: String): ID', ['Firm.email', 'Person.email']],
])('a probe reveals the fields of the objects that its field names, or of all objects: %s', (field, revealed) => {
  const other = 'type Firm @public { email: String @auth(requires: ADMIN) }';
  const told = problemsOf(`${other} ${query(field)}`).map((problem) => /filters or sorts by (\S+),/.exec(problem)?.[1]);
  expect(told).toEqual(revealed);
});

test.each<readonly [input: string]>([['by: PersonKey'], ['query: String'], ['email: String']])(
  'what a mutation is given chooses nothing: %s',
  (input) => {
    expect(faultsOf(`${query('a: Int')} type Mutation @public { rename(${input}): Person }`)).toEqual([]);
  },
);

test('the message about a probe says what to do', () => {
  expect(problemsOf(query('emailTaken(email: String): Boolean'))).toEqual([
    'Query.emailTaken(email:): filters or sorts by Person.email, which is guarded; add @reads(fields: ["Person.email"])',
  ]);
});

test('within a key the requirement of a related object counts once, for the object', () => {
  const sdl = `type Badge @public { holder: Holder }
    type Holder @auth(requires: EDITOR) { name: String pin: String @auth(requires: ADMIN) }
    input BadgeKey { holder: HolderKey } input HolderKey { name: String pin: String }
    type Query @public { badge(by: BadgeKey): Badge }`;
  expect(faultsOf(sdl)).toEqual(['BadgeKey.holder', 'HolderKey.pin']);
});
