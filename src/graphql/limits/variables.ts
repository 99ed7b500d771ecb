import { GraphQLError } from 'graphql';
import type { Limits } from '../limits.ts';

/** The variables of one request, as the client sent them. */
export type Variables = Readonly<Record<string, unknown>>;

/** Returns an error for a variable that holds what no type accepts, or null. Its message never repeats a value. */
export function variablesViolation(variables: Variables, limits: Limits): GraphQLError | null {
  for (const [name, value] of Object.entries(variables)) {
    const problem = problemOfValue(value, limits);
    if (problem !== null) {
      const message = `Variable "$${/^\w{1,100}$/.test(name) ? name : '…'}" ${problem}`;
      return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
    }
  }
  return null;
}

/** Checks a JSON value of any depth, without recursion. */
function problemOfValue(root: unknown, limits: Limits): string | null {
  if (typeof root !== 'object' || root === null) {
    return typeof root === 'string' ? problemOfText(root) : null;
  }
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next;
    const problem = typeof value === 'string' ? problemOfText(value) : null;
    if (problem !== null) {
      return problem;
    }
    if (typeof value !== 'object' || value === null) {
      continue;
    }
    if (depth >= limits.valueDepth) {
      return `nests more than ${limits.valueDepth} lists and objects.`;
    }
    for (const [key, item] of Object.entries(value)) {
      pending.push({ value: key, depth }, { value: item, depth: depth + 1 });
    }
  }
  return null;
}

/** Returns the reason why a text cannot be stored, or null: PostgreSQL refuses NUL, and a lone surrogate has no UTF-8 (RFC 3629 §3). */
function problemOfText(text: string): string | null {
  if (text.includes('\0')) {
    return 'holds the character NUL.';
  }
  return text.isWellFormed() ? null : 'holds half of a surrogate pair.';
}
