import { v5 as uuidOf } from 'uuid';
import type { AccountStatus } from '../entities/index.ts';
import { foldName } from '../../lib/names.ts';

/** Words that the demo data is made of. */
const companyFirst = (
  'Alder Amber Anchor Aspen Atlas Beacon Birch Blue Bright Cedar Cinder Clear Cobalt Copper Coral Crescent Delta Dune ' +
  'Eastern Echo Elm Ember Falcon Fern Foxglove Granite Harbor Hazel Heron Indigo Iron Juniper Kestrel Lantern Larch ' +
  'Linden Maple Marble Meadow Northern'
).split(' ');

const companySecond = (
  'Analytics Bakery Biotech Books Brewing Cargo Ceramics Consulting Dairy Design Energy Foods Freight Furniture ' +
  'Instruments Labs Logistics Machinery Media Optics Partners Robotics Shipping Textiles Works'
).split(' ');

const firstNames = (
  'Ada Amara Anders Anika Bao Bela Carlos Chiara Dana Dmitri Eino Elif Emeka Esra Farah Felix Grete Hana Hugo Ines ' +
  'Ivo Jana Jorge Kaya Kofi Lars Leila Lin Mara Mateo Mei Milan Nadia Nils Noor Olga Omar Paula Pedro Priya'
).split(' ');

const lastNames = (
  'Abara Ahmadi Andersen Aoki Bauer Becker Bianchi Castro Chen Costa Dubois Eriksen Fischer Garcia Haddad Ibrahim ' +
  'Ivanova Jansen Kaur Keller Kimura Lindqvist Lopez Marek Mensah Moreau Nakamura Novak Okafor Olsen Pereira Petrov ' +
  'Popescu Rossi Sato Schmidt Silva Tanaka Virtanen Weber'
).split(' ');

const NAMESPACE = '6f1c1f0e-9f0c-4f5a-9a53-6f2d5b1f7a10';
const START = Date.UTC(2024, 0, 8, 9, 0, 0);
const HOUR = 3_600_000;
const ACCOUNTS = 1_000;
const USERS = 200;

/** The built-in roles, each with the demo user that holds just it: the role in lower case without underscores. */
const DEMO_ROLES = [
  'SUPER_ADMIN',
  'ADMIN',
  'DEVELOPER',
  'STANDARD',
  'MANAGER',
  'WAREHOUSE',
  'SALES',
  'ACCOUNT_ADMIN',
  'ACCOUNT_MANAGER',
  'GUEST',
] as const;

/** The three demo users who share the first account. */
const SHARE_AN_ACCOUNT: ReadonlySet<string> = new Set(['ACCOUNT_ADMIN', 'ACCOUNT_MANAGER', 'STANDARD']);

export interface DemoLogin {
  readonly username: string;
  readonly password: string;
  readonly role: string;
}

/** The demo users that have a password. */
export const demoLogins: readonly DemoLogin[] = DEMO_ROLES.map((role) => {
  const username = role.toLowerCase().replaceAll('_', '');
  return { username, password: `rolegate-demo-${username}`, role };
});

export interface DemoAccount {
  readonly id: string;
  readonly name: string;
  readonly nameKey: string;
  readonly status: AccountStatus;
  readonly billingEmail: string;
  readonly iban: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface DemoUser {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
  readonly account: string | null;
  readonly roles: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The demo accounts: the same ones every time. */
export function demoAccounts(): DemoAccount[] {
  return Array.from({ length: ACCOUNTS }, (_, index) => {
    const name = `${pick(companyFirst, index)} ${pick(companySecond, Math.floor(index / companyFirst.length))}`;
    const createdAt = new Date(START + index * 7 * HOUR);
    return {
      id: uuidOf(`account ${index}`, NAMESPACE),
      name,
      nameKey: foldName(name),
      status: statusOf(index),
      billingEmail: `billing@${domainOf(name)}`,
      iban: ibanOf(index),
      createdAt,
      updatedAt: new Date(createdAt.getTime() + (index % 90) * HOUR),
    };
  });
}

/** The demo users: 200 spread over the accounts, and one for each built-in role. */
export function demoUsers(accounts: readonly DemoAccount[]): DemoUser[] {
  const people = Array.from({ length: USERS }, (_, index) => person(index, pick(accounts, index * 5)));
  return [...demoLogins.map((login, index) => roleHolder(login, index, pick(accounts, 0))), ...people];
}

function roleHolder({ username, role }: DemoLogin, index: number, shared: DemoAccount): DemoUser {
  const createdAt = new Date(START + index * HOUR);
  return {
    id: uuidOf(`user ${username}`, NAMESPACE),
    username,
    email: `${username}@example.com`,
    displayName: role
      .toLowerCase()
      .replace(/(?:^|_)([a-z])/g, (_, letter: string) => ` ${letter.toUpperCase()}`)
      .trim(),
    account: SHARE_AN_ACCOUNT.has(role) ? shared.id : null,
    roles: [role],
    createdAt,
    updatedAt: createdAt,
  };
}

function person(index: number, account: DemoAccount): DemoUser {
  const first = pick(firstNames, index);
  const last = pick(lastNames, index * 7 + Math.floor(index / firstNames.length));
  const username = `${first}.${last}`.toLowerCase();
  const createdAt = new Date(START + (index + 20) * 11 * HOUR);
  return {
    id: uuidOf(`user ${username}`, NAMESPACE),
    username,
    email: `${username}@${domainOf(account.name)}`,
    displayName: `${first} ${last}`,
    account: account.id,
    roles: [pick(['STANDARD', 'STANDARD', 'STANDARD', 'SALES', 'ACCOUNT_MANAGER'], index)],
    createdAt,
    updatedAt: createdAt,
  };
}

function pick<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) {
    throw new RangeError('There is nothing to pick from');
  }
  return found;
}

function statusOf(index: number): AccountStatus {
  if (index % 25 === 24) {
    return 'CLOSED';
  }
  return index % 12 === 11 ? 'SUSPENDED' : 'ACTIVE';
}

function domainOf(name: string): string {
  return `${name.toLowerCase().replaceAll(' ', '-')}.example`;
}

/** A German IBAN (ISO 13616) with right check digits, of a bank code that no bank has. */
function ibanOf(index: number): string {
  const basic = `10000000${String(index).padStart(10, '0')}`;
  const check = 98n - (BigInt(`${basic}131400`) % 97n); // D = 13, E = 14 (ISO 7064, MOD 97-10)
  return `DE${String(check).padStart(2, '0')}${basic}`;
}
