import { describe, expect, test } from 'vitest';
import { forgetNames, isNamedLike } from '../../src/access/checks/filter-names.ts';
import { authTypeDefs, readPolicy } from '../../src/access/index.ts';
import { faultsOf, problemsOf, ROLES } from './support.ts';

const ACCOUNT = `
  type Account @auth(requires: USER) { id: ID! name: String iban: String @auth(requires: EDITOR) owner: Person }
  type Person @public { id: ID! name: String email: String @auth(requires: ADMIN) }
`;
const reads = (...fields: readonly string[]): string => `@reads(fields: ${JSON.stringify(fields)})`;
const accounts = (args: string, auth: string = '@public'): string =>
  `${ACCOUNT} type Query { accounts(${args}): [Account] ${auth} }`;

function notes(auth: string, mark: string): string {
  return `
      type Note @auth(requires: EDITOR, owner: "by") { by: ID! text: String }
      type Query { notes(filter: F): [Note] ${auth} } input F { text: String ${mark} }`;
}

type Case = readonly [name: string, sdl: string, faults: readonly string[]];

describe('whatever filters or sorts by a guarded field must stand behind its requirements', () => {
  test.each<Case>([
    ['a filter field', `${accounts('filter: F')} input F { iban: String }`, ['F.iban']],
    ['that reads it', `${accounts('filter: F')} input F { iban: String ${reads('Account.iban')} }`, []],
    ['that reads another', `${accounts('filter: F')} input F { iban: String ${reads('Account.name')} }`, ['F.iban']],
    ['that auth as much', `${accounts('filter: F')} input F { iban: String @auth(requires: EDITOR) }`, []],
    ['that auth less', `${accounts('filter: F')} input F { iban: String @auth(requires: USER) }`, ['F.iban']],
    [
      'even where the taker auth as much',
      `${accounts('filter: F', '@auth(requires: ADMIN)')} input F { iban: String }`,
      ['F.iban'],
    ],
    ["a field behind the type's requirement only", `${accounts('filter: F')} input F { name: String id: ID }`, []],
    [
      'with an ending',
      `${accounts('filter: F')} input F { ibanContains: String iban_in: [String!] ibanish: String }`,
      ['F.ibanContains', 'F.iban_in'],
    ],
    ['an operator object', `${accounts('filter: F')} input F { iban: Op } input Op { eq: String }`, ['F.iban']],
    [
      'nested and, or, not',
      `${accounts('filter: F')} input F { and: [F!] not: G } input G { iban: String }`,
      ['G.iban'],
    ],
    ['a relation', `${accounts('filter: F')} input F { owner: P } input P { email: String name: String }`, ['P.email']],
    ['where', `${accounts('where: W')} input W { iban: String }`, ['W.iban']],
    [
      'by the name of the type',
      `${accounts('by: AccountFilter')} input AccountFilter { iban: String }`,
      ['AccountFilter.iban'],
    ],
    ['any other input object that a list takes', `${accounts('criteria: In')} input In { iban: String }`, ['In.iban']],
    [
      'an input of a single object',
      `${ACCOUNT} type Query @public { account(input: In): Account } input In { iban: String }`,
      [],
    ],
    [
      'the input of a mutation that returns a list',
      `${accounts('z: Int')} type Mutation @public { add(input: In): [Account] } input In { iban: String }`,
      [],
    ],
    [
      'the input of a mutation',
      `${accounts('z: Int')} type Mutation @public { update(input: In): Account } input In { iban: String }`,
      [],
    ],
    [
      'the filter of a mutation',
      `${accounts('z: Int')} type Mutation @public { removeAll(filter: F): [Account] } input F { iban: String }`,
      ['F.iban'],
    ],
    ['a sort value', `${accounts('orderBy: O')} enum O { NAME IBAN }`, ['O.IBAN']],
    [
      'with directions',
      `${accounts('orderBy: [O!]')} enum O { IBAN_ASC IBAN_DESC NAME_ASC }`,
      ['O.IBAN_ASC', 'O.IBAN_DESC'],
    ],
    ['that reads it', `${accounts('orderBy: O')} enum O { NAME IBAN ${reads('Account.iban')} }`, []],
    [
      'in an object',
      `${accounts('orderBy: O')} input O { field: OField! dir: Dir } enum OField { NAME IBAN } enum Dir { ASC }`,
      ['OField.IBAN'],
    ],
    ['an object with a field a sort', `${accounts('sort: S')} input S { iban: Dir } enum Dir { ASC }`, ['S.iban']],
    ['an enum that sorts nothing', `${accounts('kind: K')} enum K { IBAN }`, []],
    ['nor within a filter', `${accounts('filter: F')} input F { kind: K } enum K { IBAN }`, []],
    ['one that does', `${accounts('filter: F')} input F { sort: K } enum K { IBAN }`, ['K.IBAN']],
    ['a search field', `${accounts('filter: F')} input F { search: String }`, ['F.search']],
    ['a search argument', accounts('search: String'), ['Query.accounts(search:)']],
    ['that says what it searches', accounts(`search: String ${reads('Account.name')}`), []],
    ['a search among public things', 'type Query @public { ps(search: String): [P] } type P @public { a: Int }', []],
    [
      'of one object',
      `${ACCOUNT} type Query @public { account(filter: F): Account } input F { iban: String }`,
      ['F.iban'],
    ],
    [
      'on a field of an object',
      `${ACCOUNT} type Query @public { a: Int } extend type Person { accounts(filter: F): [Account] } input F { iban: String }`,
      ['F.iban'],
    ],
    [
      'of a union',
      `${ACCOUNT} type Query @public { us(filter: F): [U] } union U = Person | Account input F { iban: String email: String }`,
      ['F.email', 'F.iban'],
    ],
    [
      'of an interface',
      `type Query @public { is(filter: F): [I] } interface I @public { a: Int } type T implements I @public { a: Int b: Int @auth } input F { a: Int b: Int }`,
      ['F.b'],
    ],
    ['a search by an id', accounts('q: ID'), ['Query.accounts(q:)']],
    ['a search by an object', `${accounts('search: In')} input In { z: Int }`, ['Query.accounts(search:)']],
    ['a search behind the requirement', accounts('search: String @auth(requires: EDITOR)'), []],
    ["an argument behind the type's requirement only", accounts('name: String'), []],
    [
      'an enum of fields for one object',
      `${ACCOUNT} type Query @public { a(by: By): Account } enum By { NAME IBAN }`,
      [],
    ],
    [
      'an enum of fields in a mutation',
      `${accounts('z: Int')} type Mutation @public { addAccount(by: By): Int } enum By { NAME IBAN }`,
      [],
    ],
    ['a search that counts nothing guarded', 'type Query @public { count(search: String): Int }', []],
    ['of a leaf', 'type Query @public { n(filter: F): Int } input F { iban: String }', []],
  ])('%s', (_name, sdl, faults) => {
    expect(faultsOf(sdl)).toEqual(faults);
  });

  const BANK = 'type BankAccount @public { code: String @auth(requires: EDITOR) boss: BankAccount }';
  const named = (field: string, types: string): string =>
    `${ACCOUNT} ${types} scalar JSON scalar PersonJson type Page @public { a: Int } type Query @public { ${field} }`;
  test.each<Case>([
    ['the singular', named('accountCount(where: JSON): Int', ''), ['Query.accountCount(where:)']],
    ['the plural', named('accountsCount(where: JSON): Int', ''), ['Query.accountsCount(where:)']],
    ...[
      ['Box', 'boxes'],
      ['Symmetry', 'symmetries'],
    ].map(([type, plural]): Case => {
      const types = `type ${type} @public { a: Int @auth(requires: EDITOR) }`;
      return [`${plural}`, named(`${plural}Count(where: JSON): Int`, types), [`Query.${plural}Count(where:)`]];
    }),
    ['two words', named('bankAccountsCount(where: JSON): Int', BANK), ['Query.bankAccountsCount(where:)']],
    ['one word of two', named('bankCount(where: JSON): Int', BANK), []],
    ['the longest name', named('bankAccountsCount(where: JSON): Int', 'type BankAccount @public { a: Int }'), []],
    ['a root type', named('queryCount(where: JSON): Int secret: Int @auth(requires: EDITOR)', ''), []],
    [
      'the input of a list, too',
      named('pages(where: PersonWhere): [Page]', 'input PersonWhere { email: String }'),
      ['PersonWhere.email'],
    ],
    ['the scalar of a list, too', named('pages(by: PersonJson): [Page]', ''), ['Query.pages(by:)']],
    [
      'one word of two of an input',
      named('pages(where: BankWhere): [Page]', `${BANK} input BankWhere { code: String }`),
      [],
    ],
    [
      'the input before the field',
      named('accountsCount(where: PersonWhere): Int', 'input PersonWhere { email: String iban: String }'),
      ['PersonWhere.email'],
    ],
    ['no field of a list', named('personPages(where: W): [Page]', 'input W { email: String }'), []],
  ])('of the types that are named: %s', (_name, sdl, faults) => {
    expect(faultsOf(sdl)).toEqual(faults);
  });

  test.each<Case>([
    ['a search', 'search: String', []],
    ['a filter that is called like a key', 'by: AFilter', ['AFilter.next']],
    ['any condition', 'where: JSON', ['Query.as(where:)']],
  ])('of guarded objects: %s', (_name, argument, faults) => {
    const types = 'type A @public { a: Int next: A @auth(requires: EDITOR) } input AFilter { next: Int }';
    expect(faultsOf(named(`as(${argument}): [A]`, types))).toEqual(faults);
  });

  test('a filter of a field that every viewer is denied reveals nothing', () => {
    const sdl = `${ACCOUNT} type Query { open: Int @public accounts(filter: F): [Account] } input F { iban: String }`;
    expect(() => readPolicy([authTypeDefs, ROLES, sdl], { undecided: 'deny' })).not.toThrow();
    expect(() => readPolicy([authTypeDefs, ROLES, sdl], { undecided: 'report' })).toThrow('F.iban');
  });

  test('says what it does', () => {
    expect(problemsOf(named('as(where: JSON): [Account]', ''))).toEqual([
      'Query.as(where:): filters or sorts without saying what, and Account.iban is guarded; add @reads(fields: ["Type.field"])',
    ]);
    expect(problemsOf(accounts('search: String'))).toEqual([
      'Query.accounts(search:): searches without saying what, and Account.iban is guarded; add @reads(fields: ["Type.field"])',
    ]);
  });

  test('of a connection, by its nodes', () => {
    const connection = `
      type AccountConnection { edges: [AccountEdge] nodes: [Account] totalCount: Int } type AccountEdge { node: Account }
      ${ACCOUNT} type Query @public { accounts(filter: F, orderBy: O): AccountConnection } input F { iban: String } enum O { IBAN }`;
    expect(faultsOf(connection)).toEqual(['F.iban', 'O.IBAN']);
  });

  test('rows that only their owner may read must not be counted out by others', () => {
    expect(faultsOf(notes('@auth', ''))).toEqual(['F.text']);
    expect(faultsOf(notes('@auth', reads('Note.text')))).toEqual([]);
    expect(faultsOf(notes('@auth(requires: EDITOR)', ''))).toEqual([]);
  });
});

test.each([
  ['iban', 'iban', true],
  ['IBAN', 'iban', true],
  ['CREATED_AT', 'createdAt', true],
  ['createdAt_gt', 'createdAt', true],
  ['CREATED_AT_DESC', 'createdAt', true],
  ['createdAtAfter', 'createdAt', true],
  ['MD5HASH_DESC', 'md5hash', true],
  ['_iban', 'iban', true],
  ['iban__in', '__iban', true],
  ['nameless', 'name', false],
  ['name', 'nameless', false],
  ['createdBy', 'createdAt', false],
  ['workAddress', 'homeAddress', false],
  ['homesAddress', 'homeAddress', false],
  ['homeAddresses', 'homeAddress', true],
  ['isIn', 'in', true],
  ['notInStock', 'inStock', true],
  ['byName', 'in', false],
  ['_', '_', false],
])('%s is named like %s: %s', (name, field, expected) => {
  forgetNames();
  expect(isNamedLike(name, field)).toBe(expected);
});

describe('filters with other names', () => {
  const people = (args: string, field: string = 'people', returns: string = '[Person]'): string =>
    `${ACCOUNT} ${INPUTS} type Count @public { n: Int } type Query @public { ${field}(${args}): ${returns} }`;
  const INPUTS = `
    scalar JSON
    scalar Company
    enum PersonField { id NAME EMAIL_DESC }
    enum Status { ACTIVE GONE }
    input persons_bool_exp { email: String }
    input PersonKey { id: ID email: String }`;

  test.each<Case>([
    ['a choice of fields', people('by: [PersonField!]'), ['PersonField.EMAIL_DESC']],
    ['one that groups', people('by: [PersonField!]', 'groupByPerson', '[Count]'), ['PersonField.EMAIL_DESC']],
    ['one of which a value is read', people('field: PersonField', 'personValue', 'String'), ['PersonField.EMAIL_DESC']],
    ['a choice of other things', people('status: Status'), []],
    ['a cursor', people('cursor: PersonKey'), ['PersonKey.email']],
    [
      'an input named after the plural',
      people('where: persons_bool_exp', 'total', 'Count'),
      ['persons_bool_exp.email'],
    ],
    ['the text of a search', people('q: String'), ['Query.people(q:)']],
    ['its term', people('searchTerm: String!'), ['Query.people(searchTerm:)']],
    ['a text, in a search', people('text: String', 'searchPeople'), ['Query.searchPeople(text:)']],
    ['a text elsewhere', people('text: String'), []],
    ['a number named so', people('query: Int'), []],
    ['any value', people('conditions: JSON'), ['Query.people(conditions:)']],
    ['a scalar of one kind', people('company: Company'), []],
    ['a guarded field itself', people('email: String'), ['Query.people(email:)']],
    ['several values of it', people('email_in: [String!]'), ['Query.people(email_in:)']],
    ['counting by it', people('email: String', 'personCount', 'Int'), ['Query.personCount(email:)']],
    ['that reads it', people(`email: String ${reads('Person.email')}`), []],
    ['that reads another', people(`email: String ${reads('Person.id')}`), []],
    ['a parameter of a value', people('email: String', 'personGreeting', 'String'), []],
    ['another field itself', people('name: String first: Int after: String'), []],
    ['a field of its type alone', accounts('id: ID name: String'), []],
    ['what a mutation writes', `${people('id: ID')} type Mutation @public { add(email: String): [Person] }`, []],
    ['the key of one object', people('email: String', 'person', 'Person'), ['Query.person(email:)']],
    ['a search where nothing is guarded', 'type A @public { a: Int } type Query @public { as(q: String): [A] }', []],
    ['a condition as a text', people('predicate: String'), ['Query.people(predicate:)']],
    ['a filter with a first word', people('personFilter: String'), ['Query.people(personFilter:)']],
    ['a scalar of conditions', `scalar PersonCondition ${people('c: PersonCondition')}`, ['Query.people(c:)']],
    ['a word before the name', people('byEmail: String name: Int'), ['Query.people(byEmail:)']],
    ['whether there is one', people('hasEmail: Boolean'), ['Query.people(hasEmail:)']],
    ['a part of the text', people('contains: String'), ['Query.people(contains:)']],
    ['a text, in what finds', people('text: String', 'findPeople'), ['Query.findPeople(text:)']],
    ['criteria of one object', people('criteria: PersonKey', 'first', 'Person'), ['PersonKey.email']],
    ['the key of one object, as an object', people('by: PersonKey', 'one', 'Person'), ['PersonKey.email']],
    [
      'one of several keys',
      `input Key @oneOf { id: ID email: String } ${people('of: Key', 'one', 'Person')}`,
      ['Key.email'],
    ],
    ['whether an object like it exists', people('person: PersonKey', 'exists', 'Boolean'), ['PersonKey.email']],
    [
      'the items of a page',
      `type Page @public { items: [Person!] total: Int } ${people('params: PersonKey', 'people', 'Page')}`,
      ['PersonKey.email'],
    ],
    ['the order of a thing that is called so', people('order: Status newOrder: ID lastSort: Boolean'), []],
    ['a parameter of one object', people('options: PersonKey', 'one', 'Person'), []],
  ])('%s', (_name, sdl, faults) => {
    expect(faultsOf(sdl)).toEqual(faults);
  });
});
