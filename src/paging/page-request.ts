import { BadUserInput } from '../lib/errors.ts';

export const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 20;

/** The paging arguments of a connection field, as clients send them. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** Which page is wanted: so many rows from one end of what lies between two cursors. */
export interface PageRequest {
  readonly size: number;
  /** True if the rows are counted from the end of the list. */
  readonly fromEnd: boolean;
  readonly after: string | null;
  readonly before: string | null;
}

/**
 * Checks the paging arguments (GraphQL Cursor Connections Specification §4). Without `first` and `last`: the first 20.
 *
 * @throws {BadUserInput} when a size is negative or over 200, or both ends are counted from
 */
export function pageRequest({ first, after, last, before }: PageArguments): PageRequest {
  const counted = first ?? null;
  const countedFromEnd = last ?? null;
  if (counted !== null && countedFromEnd !== null) {
    throw new BadUserInput('"first" and "last" exclude each other: pass one of them', { field: 'last' });
  }
  const fromEnd = countedFromEnd !== null;
  const size = countedFromEnd ?? counted ?? DEFAULT_PAGE_SIZE;
  if (size < 0 || size > MAX_PAGE_SIZE) {
    const argument = fromEnd ? 'last' : 'first';
    throw new BadUserInput(`"${argument}" must be from 0 to ${MAX_PAGE_SIZE}`, { field: argument });
  }
  return { size, fromEnd, after: after ?? null, before: before ?? null };
}
