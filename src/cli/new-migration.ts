/** A source file to write: its name, and what is in it. */
export interface MigrationFile {
  readonly fileName: string;
  readonly text: string;
}

/**
 * The source of a migration that runs these statements, numbered after the ones there are.
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

/** TODO: say what this is for. */
export class ${className} extends Migration {
  override up(): void {
${calls.join('')}  }
}
`,
  };
}

/** The text as a template literal, which may hold quotes and line ends. */
function literal(text: string): string {
  return `\`${text.replaceAll(/[\\`]|\$\{/g, String.raw`\$&`)}\``;
}
