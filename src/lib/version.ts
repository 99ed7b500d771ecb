import { Conflict } from './errors.ts';

/** A row that counts its changes. */
interface Versioned {
  version: number;
}

/**
 * Checks that a row is still the one that the client read. Without a version the last one to write wins.
 *
 * @throws {Conflict} when it has been changed since
 */
export function requireVersion(row: Versioned, expected: number | null | undefined): void {
  if (expected !== null && expected !== undefined && expected !== row.version) {
    throw new Conflict('Somebody else has changed this since you read it: read it again', { field: 'input.version' });
  }
}
