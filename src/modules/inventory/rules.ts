import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../access/values.ts';
import type { InventoryData } from '../../database/entities/index.ts';
import type { Role } from '../../generated/access.ts';
import { BadUserInput, Forbidden } from '../../lib/errors.ts';
import { isStorable, requireName } from '../../lib/names.ts';
import { holds, type SignedInViewer } from '../../lib/viewer.ts';

/** The largest count: what GraphQL's `Int` and PostgreSQL's `int` can hold. */
export const LARGEST_COUNT = 2 ** 31 - 1;

const MOST_BYTES = 16 * 1_024;
const DEEPEST = 10;

/** @throws {BadUserInput} as {@link requireName} */
export function requireItemName(text: string): string {
  return requireName(text, { what: 'The name of an item', field: 'input.name' });
}

/**
 * Checks the data of an item, and returns a copy.
 *
 * @throws {BadUserInput} if it is not an object, has no valid `count`, is too large or too deep, or holds values that the
 *   database cannot store unchanged
 */
export function requireItemData(value: unknown): InventoryData {
  if (!isRecord(value) || Array.isArray(value)) {
    throw badData('must be an object with a "count"');
  }
  const copy = copyObject(value, 1);
  const count = requireCount(copy['count'], 'input.data.count');
  if (Buffer.byteLength(JSON.stringify(copy)) > MOST_BYTES) {
    throw badData(`must be at most ${MOST_BYTES} bytes as JSON`);
  }
  return { ...copy, count };
}

/** @throws {BadUserInput} if it is not a whole number from 0 to {@link LARGEST_COUNT} */
export function requireCount(count: unknown, field: string): number {
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > LARGEST_COUNT) {
    throw new BadUserInput(`"count" must be a whole number from 0 to ${LARGEST_COUNT}`, { field });
  }
  return count;
}

/**
 * Checks that the viewer may replace `stored` by `wanted`. MANAGER and `inventory:write` allow any change; other viewers may
 * change the count only.
 *
 * @throws {Forbidden}
 */
export function requireMayReplace(viewer: SignedInViewer, stored: InventoryData, wanted: InventoryData): void {
  const mayChangeAll = viewer.roles.has('MANAGER' satisfies Role) || holds(viewer, 'inventory:write');
  if (!mayChangeAll && !isDeepStrictEqual({ ...stored, count: 0 }, { ...wanted, count: 0 })) {
    throw new Forbidden('You may change only the count of an item: the rest needs MANAGER or inventory:write', {
      field: 'input.data',
    });
  }
}

function badData(problem: string): BadUserInput {
  return new BadUserInput(`"data" ${problem}`, { field: 'input.data' });
}

/** @param depth the number of lists and objects around it, including itself */
function copyObject(object: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined); // a variable that was left out
  return Object.fromEntries(entries.map(([key, value]) => [requireKey(key), copyValue(value, depth + 1)]));
}

function copyValue(value: unknown, depth: number): unknown {
  if (isRecord(value) && depth > DEEPEST) {
    throw badData(`must nest at most ${DEEPEST} lists and objects`);
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => copyValue(item, depth + 1));
  }
  if (isRecord(value)) {
    return copyObject(value, depth);
  }
  if (typeof value === 'string') {
    return requireText(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw badData('must not hold numbers beyond 1.8e308'); // JSON would make them null
  }
  return value ?? null;
}

/** Returns a key that can be stored. Refuses `__proto__`, with which a client that copies objects could change their prototype. */
function requireKey(key: string): string {
  if (key === '__proto__') {
    throw badData('must not have a key "__proto__"');
  }
  return requireText(key);
}

function requireText(text: string): string {
  if (!isStorable(text)) {
    throw badData('must not hold the character NUL or half of a surrogate pair');
  }
  return text;
}
