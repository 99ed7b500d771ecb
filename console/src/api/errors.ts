import type { CombinedError } from 'urql';
import { text } from '../text.ts';

/** The code of the first error, as the API documents it. */
export function codeOf(error: CombinedError | undefined): string | null {
  return (error?.graphQLErrors[0]?.extensions['code'] as string | undefined) ?? null;
}

/** Returns the messages of an error, as the server puts them. */
export function describe(error: CombinedError): string {
  if (error.graphQLErrors.length > 0) {
    return [...new Set(error.graphQLErrors.map(({ message }) => message))].join(' ');
  }
  return text.states.unreachable;
}

/** Returns the messages of an operation's error; null if it has none. */
export function failureOf(error: CombinedError | undefined): string | null {
  return error === undefined ? null : describe(error);
}

/** Returns the messages that concern one field of a form, by the name of the field. */
export function fieldErrors(error: CombinedError): Readonly<Record<string, string>> {
  return Object.fromEntries(
    error.graphQLErrors.flatMap(({ message, extensions }) => {
      const field = extensions['field'];
      return typeof field === 'string' ? [[field.split('.').at(-1) ?? field, message]] : [];
    }),
  );
}
