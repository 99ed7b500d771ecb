import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { EntityManager } from '../../src/database/orm.ts';
import type { Reader } from '../../src/database/reading-entity-manager.ts';
import { authScope, systemScope } from '../../src/database/scopes.ts';
import { adminScope, openTestDatabase } from '../support/database.ts';

const statements: string[] = [];
let database: Database;

beforeAll(async () => {
  database = await openTestDatabase({ progress: () => undefined, onStatement: (sql) => statements.push(sql) });
});
afterAll(() => database.close());

const backend = (reader: Reader): Promise<{ xact: string; role: string }[]> =>
  reader.execute(`select now()::text || pg_current_snapshot() as xact, current_user::text as role`);

const renameGuest = (name: string) => (em: EntityManager) =>
  em.execute('update users set display_name = ? where username = ?', [name, 'guest'], 'run');

const nameOfGuest = async (reader: Reader): Promise<unknown> => {
  const [row] = await reader.execute<{ name: string }[]>(
    `select display_name as name from users where username = 'guest'`,
  );
  return row?.name;
};

const countUsers = async (reader: Reader): Promise<number> => {
  const [row] = await reader.execute<{ count: string }[]>('select count(*) as count from users');
  return Number(row?.count);
};

describe('reading', () => {
  it('all reads of an operation share one transaction, as the role of the scope', async () => {
    const unit = database.unitOfWork(adminScope);
    statements.length = 0;
    const [[first], [second]] = await Promise.all([unit.read(backend), unit.read(backend)]);
    const [third] = await unit.read(backend);
    await unit.close();
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(first?.role).toBe('rolegate_viewer_all_write_all_write_docs_audit_roles');
    expect(statements.filter((sql) => /set_config\(|set local role/.test(sql))).toHaveLength(1);
  });

  it('a write is refused', async () => {
    const unit = database.unitOfWork(systemScope);
    await expect(unit.read((em) => em.execute('delete from credentials'))).rejects.toThrow(/read-only/);
    await unit.close();
  });

  it('siblings of a statement that fails go on', async () => {
    const unit = database.unitOfWork(adminScope);
    const outcomes = await Promise.allSettled([
      unit.read(countUsers),
      unit.read((em) => em.execute('select 1 / 0')),
      unit.read(countUsers),
      unit.read((em) => em.execute('select nothing from nowhere')),
      unit.read(countUsers),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await unit.read(countUsers)).toBe(210);
    await unit.close();
  });

  it('reads go on after an error that is not the database’s', async () => {
    const unit = database.unitOfWork(adminScope);
    await expect(unit.read(() => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
    expect(await unit.read(countUsers)).toBe(210);
    await unit.close();
  });
});

describe('a unit that was closed', () => {
  it('a closed unit reads nothing more: a late read holds no connection', async () => {
    const unit = database.unitOfWork(adminScope);
    expect(await unit.read(countUsers)).toBe(210);
    await unit.close();
    statements.length = 0;
    await expect(unit.read(countUsers)).rejects.toThrow('The operation has been answered');
    await unit.close();
    expect(statements).toEqual([]);
  });
});

describe('other work', () => {
  it('other work ends the reading transaction before it begins, and later reads see what it wrote', async () => {
    const unit = database.unitOfWork(systemScope);
    const [before, , between, , after] = await Promise.all([
      unit.read(nameOfGuest),
      unit.write(renameGuest('One')),
      unit.read(nameOfGuest),
      unit.as(systemScope, renameGuest('Two')),
      unit.read(nameOfGuest),
    ]);
    await unit.close();
    expect(before).toBe('Guest');
    expect(['One', 'Two']).toContain(between);
    expect(after).toBe('Two');
  });

  it('work that fails is undone completely', async () => {
    const unit = database.unitOfWork(systemScope);
    const before = await unit.read(countUsers);
    await expect(
      unit.write(async (em) => {
        await em.execute(`delete from users where username = 'guest'`, [], 'run');
        throw new Error('a bug');
      }),
    ).rejects.toThrow('a bug');
    expect(await unit.read(countUsers)).toBe(before);
    await unit.close();
  });

  it('work runs as its own role, and the role ends with it', async () => {
    const unit = database.unitOfWork(adminScope);
    const [during] = await unit.as(authScope, backend);
    const [after] = await unit.read(backend);
    await unit.close();
    expect(during?.role).toBe('rolegate_auth');
    expect(after?.role).toBe('rolegate_viewer_all_write_all_write_docs_audit_roles');
  });

  it('many units at once are kept apart', async () => {
    const units = Array.from({ length: 40 }, (_, index) => database.unitOfWork(index % 2 ? adminScope : systemScope));
    const roles = await Promise.all(
      units.map(async (unit) => {
        const [[read], [written]] = await Promise.all([unit.read(backend), unit.write(backend)]);
        await unit.close();
        return [read?.role, written?.role];
      }),
    );
    expect(roles).toEqual(
      units.map((_, index) =>
        index % 2
          ? Array(2).fill('rolegate_viewer_all_write_all_write_docs_audit_roles')
          : Array(2).fill('rolegate_system'),
      ),
    );
  });
});
