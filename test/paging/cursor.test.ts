import { createSecretKey } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadUserInput } from '../../src/lib/errors.ts';
import { createCursors } from '../../src/paging/cursor.ts';

const cursors = createCursors(createSecretKey(Buffer.alloc(32, 7)));
const cursor = cursors.encode({ order: 'accounts:NAME:ASC', values: ['Alder Books', '42'] });

it('a cursor returns the values that it was made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'binary' })), (order, values) => {
      const wellFormed = values.map((value) => value.toWellFormed());
      expect(cursors.decode(cursors.encode({ order, values: wellFormed }), order, 'after')).toEqual(wellFormed);
    }),
  );
});

it('a cursor reveals no value, and is the same for the same position', () => {
  const position = { order: 'accounts:NAME:ASC', values: ['Alder Books', '42'] };
  expect(cursors.encode(position)).toBe(cursor);
  const bytes = Buffer.from(cursor, 'base64url').toString('latin1');
  for (const text of ['Alder', '42', 'accounts', 'NAME']) {
    expect(bytes).not.toContain(text);
  }
  const other = Buffer.from(cursors.encode({ ...position, values: ['Alder Bookz', '42'] }), 'base64url');
  const common = other.filter((byte, index) => byte === bytes.charCodeAt(index)).length;
  expect(common).toBeLessThan(other.length / 4);
});

function refusalOf(text: string, order = 'accounts:NAME:ASC'): unknown {
  try {
    return cursors.decode(text, order, 'after');
  } catch (error) {
    return error;
  }
}

describe('reading a cursor', () => {
  it('a cursor of another order or list is refused', () => {
    for (const order of ['accounts:NAME:DESC', 'accounts:CREATED_AT:ASC', 'users:NAME:ASC', '']) {
      expect(refusalOf(cursor, order)).toBeInstanceOf(BadUserInput);
    }
  });

  it('a cursor of another key is refused', () => {
    const other = createCursors(createSecretKey(Buffer.alloc(32, 8)));
    const forged = other.encode({ order: 'accounts:NAME:ASC', values: ['a', 'b'] });
    expect(refusalOf(forged)).toBeInstanceOf(BadUserInput);
  });

  it('every change of a single character, and every truncation, is refused', () => {
    for (let index = 0; index < cursor.length; index++) {
      const swapped = cursor[index] === 'A' ? 'B' : 'A';
      expect(refusalOf(cursor.slice(0, index) + swapped + cursor.slice(index + 1))).toBeInstanceOf(BadUserInput);
      expect(refusalOf(cursor.slice(0, index))).toBeInstanceOf(BadUserInput);
    }
  });

  it('other spellings of the same bytes are refused', () => {
    for (const text of [`${cursor}=`, `${cursor}==`, ` ${cursor}`, `${cursor}\n`, `${cursor}!`]) {
      expect(refusalOf(text)).toBeInstanceOf(BadUserInput);
    }
  });

  it('every random text is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(refusalOf(text)).toBeInstanceOf(BadUserInput);
      }),
    );
    expect(refusalOf('A'.repeat(1_000_000))).toBeInstanceOf(BadUserInput);
  });
});
