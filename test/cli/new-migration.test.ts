import { expect, it } from 'vitest';
import { newMigration } from '../../src/cli/new-migration.ts';
import { migrationsList } from '../../src/database/migrations/index.ts';

it('a new migration is numbered after the existing ones, and holds the statements unchanged', () => {
  const awkward = ['alter table "accounts" add "phone" text null', "comment on table users is '`a` ${b} \\c'"];
  expect(newMigration('account-phone-2', awkward, ['0001-foundation', '0010-search'])).toEqual({
    fileName: '0011-account-phone-2.ts',
    text: `import { Migration } from '@mikro-orm/migrations';

/** TODO: describe the change. */
export class AccountPhone2 extends Migration {
  override up(): void {
    this.addSql(\`alter table "accounts" add "phone" text null\`);
    this.addSql(\`comment on table users is '\\\`a\\\` \\\${b} \\\\c'\`);
  }
}
`,
  });
});

it('the first migration is number one', () => {
  expect(newMigration('start', [], []).fileName).toBe('0001-start.ts');
});

it('a new migration is named like those of this server', () => {
  expect(migrationsList.map(({ name }) => name.slice(0, 5))).toEqual(
    migrationsList.map((_, index) => `${String(index + 1).padStart(4, '0')}-`),
  );
});
