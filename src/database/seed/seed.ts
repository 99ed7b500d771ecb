import { emailKeyOf } from '../../lib/names.ts';
import type { Run } from '../database.ts';
import {
  AccountEntity,
  CredentialEntity,
  DocumentEntity,
  InventoryItemEntity,
  RoleAssignmentEntity,
  RoleEntity,
  RoleInheritanceEntity,
  UserEntity,
} from '../entities/index.ts';
import type { Progress } from '../migrate.ts';
import type { EntityManager } from '../orm.ts';
import { systemScope } from '../scopes.ts';
import { demoAccounts, demoLogins, demoUsers } from './demo-data.ts';
import { demoDocuments, demoInventory } from './demo-content.ts';

/** A role of `enum Role`, as the schema declares it. */
export interface BuiltInRole {
  readonly name: string;
  readonly description: string;
  readonly inherits: readonly string[];
}

/** The built-in roles in the database differ from those of the schema. */
export class BuiltInRolesDiffer extends Error {
  constructor(differences: readonly string[]) {
    super(
      `The built-in roles in the database differ from enum Role of the schema:\n  ${differences.join('\n  ')}\n` +
        'Write a migration that brings them in line, or restore the enum.',
    );
    this.name = 'BuiltInRolesDiffer';
  }
}

/**
 * Inserts the built-in roles into a new database, or checks that an existing one has the same.
 *
 * @throws {BuiltInRolesDiffer}
 */
export async function seedBuiltInRoles(run: Run, roles: readonly BuiltInRole[]): Promise<void> {
  await run(systemScope, async (em) => {
    // Replicas that start at once on an empty database do this one after another.
    await em.execute('lock table roles in share row exclusive mode');
    const stored = await storedBuiltInRoles(em);
    if (stored.size === 0) {
      await em.insertMany(
        RoleEntity,
        roles.map(({ name, description }) => ({ name, description, builtIn: true })),
      );
      await em.insertMany(
        RoleInheritanceEntity,
        roles.flatMap(({ name, inherits }) => inherits.map((inherited) => ({ role: name, inherits: inherited }))),
      );
      return;
    }
    const differences = differencesBetween(new Map(roles.map((role) => [role.name, role.inherits])), stored);
    if (differences.length > 0) {
      throw new BuiltInRolesDiffer(differences);
    }
  });
}

async function storedBuiltInRoles(em: EntityManager): Promise<Map<string, readonly string[]>> {
  const rows = await em.execute<{ name: string; inherits: string[] }[]>(
    `select name, array(select inherits from role_inheritance where role = name) as inherits from roles where built_in`,
  );
  return new Map(rows.map(({ name, inherits }) => [name, inherits]));
}

function differencesBetween(
  declared: ReadonlyMap<string, readonly string[]>,
  stored: ReadonlyMap<string, readonly string[]>,
): string[] {
  return [...new Set([...declared.keys(), ...stored.keys()])].flatMap((name) => {
    const inSchema = declared.get(name)?.toSorted().join(', ');
    const inDatabase = stored.get(name)?.toSorted().join(', ');
    if (inSchema === undefined) {
      return [`${name} is in the database only`];
    }
    if (inDatabase === undefined) {
      return [`${name} is in the schema only`];
    }
    return inSchema === inDatabase ? [] : [`${name} inherits [${inSchema}] in the schema, [${inDatabase}] stored`];
  });
}

/**
 * Loads the demo data, unless there are users already.
 *
 * @param hash makes a PHC string of a password
 */
export async function seedDemo(
  run: Run,
  hash: (password: string) => Promise<string>,
  progress: Progress,
): Promise<void> {
  const isEmpty = await run(systemScope, async (em) => (await em.count(UserEntity)) === 0);
  if (!isEmpty) {
    return;
  }
  const accounts = demoAccounts();
  const users = demoUsers(accounts);
  progress(`loading demo data (${accounts.length} accounts, ${users.length} users)`);
  const hashes = await Promise.all(demoLogins.map(async ({ username, password }) => [username, await hash(password)]));
  const hashOf = new Map(hashes.map(([username = '', phc = '']) => [username, phc]));
  await run(systemScope, async (em) => {
    await em.insertMany(AccountEntity, accounts);
    await em.insertMany(
      UserEntity,
      users.map(({ id, username, email, displayName, account, createdAt, updatedAt }) => {
        return { id, username, email, emailKey: emailKeyOf(email), displayName, account, createdAt, updatedAt };
      }),
    );
    await em.insertMany(
      RoleAssignmentEntity,
      users.flatMap(({ id, roles }) => roles.map((role) => ({ user: id, role }))),
    );
    await em.insertMany(
      CredentialEntity,
      users.flatMap(({ id, username, createdAt }) => {
        const passwordHash = hashOf.get(username);
        return passwordHash === undefined ? [] : [{ user: id, passwordHash, updatedAt: createdAt }];
      }),
    );
    await em.insertMany(InventoryItemEntity, demoInventory());
    await em.insertMany(DocumentEntity, demoDocuments(users));
  });
}
