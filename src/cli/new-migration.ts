/** A source file to write: its name and its text. */
export interface MigrationFile {
  readonly fileName: string;
  readonly text: string;
}

/**
 * Returns the source of a migration that runs these statements, with the next free number.
 *
 * @param name words in lower case, joined by hyphens
 * @param existing the names of all migrations
 */
export function newMigration(name: string, statements: readonly string[], existing: readonly string[]): MigrationFile {
  const numbers = existing.map((known) => Number.parseInt(known, 10));
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  const className = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const calls = statements.map((statement) => `    this.addSql(${literal(statement)});\n`);
  return {
    fileName: `${number}-${name}.ts`,
    text: `import { Migration } from '@mikro-orm/migrations';

/** TODO: describe the change. */
export class ${className} extends Migration {
  override up(): void {
${calls.join('')}  }
}
`,
  };
}

/** Returns the text as a template literal. It may contain quotes and line ends. */
function literal(text: string): string {
  return `\`${text.replaceAll(/[\\`]|\$\{/g, String.raw`\$&`)}\``;
}
