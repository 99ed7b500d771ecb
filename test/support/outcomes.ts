import { expect } from 'vitest';
import { demoLogins } from '../../src/database/seed/demo-data.ts';
import type { Answer } from './answer.ts';
import type { Who } from './app.ts';

/** The answer of a field: data, or null and an error with this code. */
export type Outcome = 'data' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'BAD_USER_INPUT';

/** Every viewer whose rights are built in: the rows of a table of outcomes. */
export const everyViewer: readonly Who[] = ['ANONYMOUS', ...demoLogins.map(({ role }) => role)];

/** Returns the expected outcomes of all roles where these see data and the others are refused; the anonymous viewer is last. */
export function openTo(...roles: readonly Who[]): (readonly [Who, Outcome])[] {
  return everyViewer.map((who) => {
    if (who === 'ANONYMOUS') {
      return [who, 'UNAUTHENTICATED'];
    }
    return [who, roles.includes(who) ? 'data' : 'FORBIDDEN'];
  });
}

/**
 * Checks the only error of an operation: its code, its place, and the coordinate that was denied; and that the field is
 * null. Returns the data where they are expected.
 *
 * @param at the response path of the field, joined by dots, and the denied coordinate (none: a service refused)
 */
export async function expectOutcome<Data extends object>(
  answer: Answer<Data>,
  outcome: Outcome,
  { path, coordinate }: { readonly path: string; readonly coordinate?: string },
): Promise<Data | null> {
  if (outcome === 'data') {
    const data = await answer.data();
    expect(valueAt(data, path), path).not.toBeNull();
    return data;
  }
  const { data, errors } = await answer.partial();
  const told = errors.map((error) => [error.path?.join('.'), error.extensions]);
  expect(told).toEqual([[path, { code: outcome, ...(coordinate === undefined ? {} : { coordinate }) }]]);
  expect(valueAt(data, path), path).toBeNull();
  return data;
}

function valueAt(data: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], data);
}
