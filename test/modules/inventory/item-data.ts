/** The largest count. */
export const LARGEST = 2 ** 31 - 1;

/** An object in objects, so many levels deep. */
export const nested = (depth: number): unknown => (depth === 0 ? 1 : { in: nested(depth - 1) });
/** Data that no item may have. */
export const BAD_DATA: readonly (readonly [string, unknown])[] = [
  ['a text', 'count'],
  ['a number', 1],
  ['a list', [{ count: 1 }]],
  ['an empty object', {}],
  ['no count', { counts: 1 }],
  ['a count of null', { count: null }],
  ['a count below zero', { count: -1 }],
  ['a count that is not whole', { count: 1.5 }],
  ['a count in words', { count: '1' }],
  ['a count in a list', { count: [1] }],
  ['a count of true', { count: true }],
  ['a count that is too large', { count: LARGEST + 1 }],
  ['a count without end', { count: Infinity }],
  ['something without end', { count: 1, weight: -Infinity }],
  ['something that is no number', { count: 1, weight: NaN }],
  ['a key __proto__', JSON.parse('{"count": 1, "__proto__": {"admin": true}}')],
  ['a key __proto__ inside', JSON.parse('{"count": 1, "a": [{"__proto__": null}]}')],
  ['NUL in a text', { count: 1, note: 'a\0b' }],
  ['NUL in a key', { count: 1, 'a\0b': 1 }],
  ['half a surrogate pair', { count: 1, note: ['\ud800'] }],
  ['half a surrogate pair in a key', { count: 1, '\udfff': 1 }],
  ['too much', { count: 1, note: 'x'.repeat(16_384) }],
  ['too much in UTF-8', { count: 1, note: '€'.repeat(6_000) }],
  ['too deep objects', { count: 1, more: nested(10) }],
  ['too deep lists', { count: 1, list: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) }],
];

/** Data that no item may have, as a document writes it. */
export const BAD_LITERALS: readonly (readonly [string, string])[] = [
  ['no count', '{}'],
  ['a count that is too large', '{ count: 99999999999999999999 }'],
  ['a count that is not whole', '{ count: 1e-3 }'],
  ['a number beyond doubles', '{ count: 1, weight: 1e999 }'],
  ['__proto__', '{ count: 1, __proto__: { admin: true } }'],
  ['nothing', 'null'],
  ['a half', String.raw`{ count: 1, note: "\uD800" }`],
  ['NUL', String.raw`{ count: 1, note: "\u0000" }`],
];

/** True if the database, and every reader, can hold it. */
export function isKeepable(value: unknown): boolean {
  const text = JSON.stringify(value);
  return !/\\u0000|__proto__/.test(text) && Buffer.byteLength(text) < 16_384 && numbersOf(value).every(isExact);
}

function numbersOf(value: unknown): number[] {
  const inside = typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
  return typeof value === 'number' ? [value] : inside;
}

/** Returns true if it is surely the number that was sent: JSON's parser rounds larger ones. */
function isExact(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** With the keys of objects in order, which a database need not keep. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]);
  }
  return value;
}
