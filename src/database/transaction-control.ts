/** Texts of more than one statement, or that begin with a word that no query begins with, or that call `set_config`. */
const SUSPECT =
  /;|set_config|u&"|^\s*(?:set|reset|discard|do|copy|begin|start|commit|end|rollback|abort|prepare|--|\/\*)/i;

/** Comments and literals, and, apart, quoted names. */
const QUOTED =
  /\/\*[\s\S]*?\*\/|--[^\n]*|\be'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'|'[^']*(?:''[^']*)*'|\$([a-z_]\w*)?\$[\s\S]*?\$\1\$|"([^"]*(?:""[^"]*)*)"/gi;

/** Statements that change the database role, or the ids that policies compare with, for longer than the transaction. */
const SCOPE =
  /(?:^|;)\s*(?:set\s+(?:session\s+)?(?:role\b|rolegate\.|session_auth|authorization)|reset\s+(?:role|all|session|rolegate\.)|discard\b)|\bset_config\b|\bu&/i;

/**
 * Statements that change its row scope for the rest of the transaction, end it or change what it may do, that could do
 * anything, and that have no rows.
 */
const CONTROL =
  /(?:^|;)\s*(?:set\s+local\s+(?:role\b|rolegate\.|session_auth)|set\s+(?:session\s+|local\s+)?(?:characteristics|transaction)|(?:do|copy|begin|start|commit|end|abort|prepare\s+transaction)\b|rollback\b(?!\s+to\b))/i;

/**
 * Refuses what cannot be sent as a statement: the database would end the connection, which is taken for an outage, and
 * PGlite would leave half of the message in its buffer, which breaks the next one.
 *
 * @throws {TypeError} for what is not text, and for text with a zero byte
 */
export function requireText(statement: unknown): asserts statement is string {
  if (typeof statement !== 'string') {
    throw new TypeError('A statement must be text: execute a query of a query builder with its own methods');
  }
  if (statement.includes('\0')) {
    throw new TypeError('A statement cannot hold a zero byte: PostgreSQL stores none in text');
  }
}

/**
 * Refuses SQL that would leave the row scope of its transaction, and could leave that of the connection: `set local` ends
 * with the transaction. It guards against mistakes, not against an author who hides such a statement in a function of the
 * database.
 *
 * A statement of 140 characters takes 0.3 µs, one of 700 takes 0.6 µs; with literals and a comment in it, about 1 µs.
 *
 * @throws {Error} if the text holds such a statement
 */
export function requireScope(text: string): void {
  requireScopeOf(suspiciousPart(text));
}

/** Returns a text without its literals and comments, or nothing of one that neither check can refuse: most texts. */
function suspiciousPart(text: string): string {
  return SUSPECT.test(text) ? withoutLiterals(text) : '';
}

function requireScopeOf(part: string): void {
  const found = SCOPE.exec(part);
  if (found !== null) {
    throw new Error(
      `"${wordsOf(found)}" is not available: a transaction keeps the database role and the ids of its row scope. Run work in another with "unit.as(scope, …)"`,
    );
  }
}

/**
 * Refuses, besides, SQL that would end a reading transaction, or leave its row scope: all reads of an operation share it.
 *
 * @throws {Error} if the text holds such a statement
 */
export function requireRead(text: string): void {
  const part = suspiciousPart(text);
  requireScopeOf(part);
  const found = CONTROL.exec(part);
  if (found !== null) {
    throw new Error(`"${wordsOf(found)}" is not available where rows are only read: all reads share one transaction`);
  }
}

/** A call of `set_config` for another setting, such as `statement_timeout`. */
const OTHER_SETTING = /\bset_config"?\s*\(\s*'(?!role'|session_auth|rolegate\.|transaction)[^'\\]*'\s*,/gi;

function withoutLiterals(text: string): string {
  return text
    .replaceAll(OTHER_SETTING, ' ')
    .replaceAll(QUOTED, (_quoted, _tag, name: string | undefined) => name ?? ' ');
}

function wordsOf([words]: RegExpExecArray): string {
  return words.replace(/^[;\s]+/, '').replaceAll(/\s+/g, ' ');
}
