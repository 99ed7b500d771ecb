import { GraphQLError } from 'graphql';
import type { Variables } from './cost.ts';
import type { Limits } from './options.ts';

function badVariable(name: string, message: string): GraphQLError {
  return new GraphQLError(`Variable "$${name}" ${message}`, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** Why this text cannot be stored: NUL is refused by PostgreSQL, a lone surrogate has no UTF-8 (RFC 3629 §3). */
function faultOfText(text: string): string | null {
  if (text.includes('\0')) {
    return 'holds the character NUL.';
  }
  return text.isWellFormed() ? null : 'holds half of a surrogate pair.';
}

/** Looks through a JSON value of any depth without recursion. */
function faultOfValue(root: unknown, limits: Limits): string | null {
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string') {
      const fault = faultOfText(value);
      if (fault !== null) {
        return fault;
      }
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

/** What no type could accept in the variables of a request: null if there is nothing. Never repeats a value. */
export function faultOfVariables(variables: Variables, limits: Limits): GraphQLError | null {
  for (const [name, value] of Object.entries(variables)) {
    const fault = faultOfValue(value, limits);
    if (fault !== null) {
      return badVariable(/^\w{1,100}$/.test(name) ? name : '…', fault);
    }
  }
  return null;
}
