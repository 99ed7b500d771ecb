import { Conflict } from './errors.ts';

/** A row with a version, which every change increments. */
interface Versioned {
  version: number;
}

/**
 * Checks that a row has not changed since the client read it. Without a version the last write wins.
 *
 * @throws {Conflict} if it has changed
 */
export function requireVersion(row: Versioned, expected: number | null | undefined): void {
  if (expected !== null && expected !== undefined && expected !== row.version) {
    throw new Conflict('The object has changed since it was read: read it again, then retry', {
      field: 'input.version',
    });
  }
}
