import { expect, test } from 'vitest';
import { problemsOf } from '../support.ts';

// Which fields are revealed is told from the names: by the types that a field names, and by what it says of a value.
const TYPES = `
  scalar DateTime
  type Person @public {
    id: ID name: String workEmail: String boss: Person
    email: String @auth(requires: ADMIN) balance: Int @auth(requires: ADMIN) joined: DateTime @auth(requires: ADMIN)
  }
  type Firm @public {
    id: ID email: String balance: Int legalForm: String vatCodeOrigin: String vault: Vault
    vatCode: String @auth(requires: ADMIN)
  }
  type TaxOffice @public { phone: String @auth(requires: ADMIN) }
  type Note @public { path: String style: String name: String @auth(requires: ADMIN) }
  type Vault @auth(requires: EDITOR) { id: ID code: String serial: String pin: Int @auth(requires: ADMIN) }
  type PersonOption @public { label: String person: Person }
  input Vaults { vaultCode: String } input Emails { email: String } input Filter { vatCode: String }
`;

/** The fields that the argument of a field reveals; `searches` for a search that does not say what it reads. */
function revealedBy(line: string): (string | undefined)[] {
  const [, on = 'Query', field = line] = /^([A-Z]\w*)\.(.*)$/.exec(line) ?? [];
  const problems = problemsOf(`${TYPES} type Query { open: Int @public } extend type ${on} { ${field} @public }`);
  return problems.map((problem) => /by (\S+),|(searches)/.exec(problem)?.slice(1).join(''));
}

test.each<readonly [line: string, ...revealed: readonly string[]]>([
  // Objects that are chosen.
  ['firms(where: Vaults): [Firm]', 'Firm.vault'],
  ['personNames(emails: [String!]): [String]', 'Person.email'],
  ['personSorted(emails: [String!]): [String]', 'Person.email'],
  ['sum(where: Filter): Float', 'Firm.vatCode'],
  // What a value identifies: its owner, by the type before its name, and something else that is called after it.
  ['isMember(taxOfficePhone: String): Boolean', 'TaxOffice.phone'],
  ['isMember(personEmail: String): Boolean', 'Person.email'],
  ['Person.bossFits(bossEmail: String): Boolean', 'Person.email'],
  ['personMatching(email: String): Note', 'Person.email'],
  ['activitySeenFor(vatCode: String): Boolean', 'Firm.vatCode'],
  ['latestNoteFor(vatCode: String): Note', 'Firm.vatCode'],
  ['legalFormFor(vatCode: String): String', 'Firm.vatCode'],
  ['vatCodeToName(vatCode: String): String', 'Firm.vatCode'],
  // Values that are compared.
  ['balanceAbove(level: Int): Boolean', 'Person.balance'],
  ['moreThan(vatCode: String): Boolean', 'Firm.vatCode'],
  ['personMoreThan(balance: Int): Boolean', 'Person.balance'],
  ['matchingBalanceAbove(from: Int, value: Int): Int', 'Person.balance', 'Person.balance'],
  // Values that are completed or searched.
  ['suggestBalances(above: Int): [Int]', 'Person.balance'],
  ['suggestBalances(startsWith: ID): [Int]', 'Person.balance'],
  ['personPaths(prefix: String): [String]', 'searches'],
  ['personEmails(prefix: String): [String]', 'Person.email', 'searches'],
  ['personEmailLabels(search: String): [String]', 'searches'],
  // Values that occur, also where only the object is guarded.
  ['vaultTaken(serial: String): Boolean', 'Vault.serial'],
])('%s reveals %s', (line, ...revealed) => {
  expect(revealedBy(line)).toEqual(revealed);
});

test.each([
  // The argument is named after another type, or after fields of which one is open.
  'people(firmEmail: String): [Person]',
  'isMember(firmEmail: String): Boolean',
  'moreThan(email: String): Boolean',
  'sum(where: Emails): Float',
  'personTaken(serial: String): Boolean',
  'codeKnown(value: String): Boolean',
  // What it returns are objects, of which the name of the field says nothing.
  'suggestEmails(prefix: String): PersonOption',
  'personName(q: String): PersonOption',
  'personNotes(emails: [String!]): [Note]',
  'has(vatCode: String): Note',
  'vatCodeFor(vatCode: String): Note',
  // It says something of the value itself.
  'statusPage(vatCode: String): Boolean',
  'isVatCodeSafe(vatCode: String): Boolean',
  'areVatCodesSafe(vatCode: String): Boolean',
  'colourForVatCode(vatCode: String): String',
  'vatCodeName(vatCode: String): String',
  'vatCodeToOrigin(vatCode: String): String',
  'currentFirmVatCodeToOrigin(vatCode: String): String',
  // Values of another kind are not compared.
  'joinedAfter(amount: Int): Boolean',
  'noteNameAbove(style: String): Boolean',
  'suggestEmails(above: Int): [String]',
  // An id is no secret.
  'vaultTaken(id: ID): Boolean',
  'personNames(prefix: String): [String]',
])('%s reveals nothing', (line) => {
  expect(revealedBy(line)).toEqual([]);
});
