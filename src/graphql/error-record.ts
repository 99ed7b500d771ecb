import { LONGEST_MESSAGE } from './limits.ts';

/** An error, reduced to what a log may hold. */
export interface ErrorRecord {
  readonly type: string;
  readonly message: string;
  /** The SQLSTATE, for instance, or the system's `ECONNREFUSED`. */
  readonly code?: string;
  /** The lines of the stack, without the message that heads it. */
  readonly stack?: string;
  readonly cause?: ErrorRecord;
}

/** The depth to which causes are followed; a cycle of them ends here. */
const DEEPEST_CAUSE = 5;
const SQLSTATE = /^[0-9A-Z]{5}$/;

function textOf(error: object, name: 'code' | 'sqlState'): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}

/** Databases quote the values they refuse: `invalid input syntax for type uuid: "…"`. */
function withoutQuoted(message: string): string {
  return message.replaceAll(/"[^"]*"|'[^']*'|=\([^)]*\)/g, '…');
}

/**
 * Reduces a thrown value to its kind, message, place and causes. Properties that libraries hang on their errors
 * are left out, because they hold statements and parameters; a database's message loses what it quotes.
 */
export function describeError(error: unknown, depth = 0): ErrorRecord {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: 'something that is no Error was thrown' };
  }
  const code = textOf(error, 'sqlState') ?? textOf(error, 'code');
  const [headline = ''] = error.message.split('\n');
  const message = code !== undefined && SQLSTATE.test(code) ? withoutQuoted(headline) : headline;
  const stack = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    type: error.name,
    message: message.slice(0, LONGEST_MESSAGE),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined || stack.length === 0 ? {} : { stack: stack.join('\n') }),
    ...(error.cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
