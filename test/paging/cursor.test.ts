import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadUserInput } from '../../src/errors.ts';
import { createCursors } from '../../src/paging/cursor.ts';

const cursors = createCursors(new Uint8Array(32).fill(7));
const cursor = cursors.encode({ order: 'accounts:NAME:ASC', values: ['Alder Books', '42'] });

it('gives back what it was made of, whatever the values', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'binary' })), (order, values) => {
      const wellFormed = values.map((value) => value.toWellFormed());
      expect(cursors.decode(cursors.encode({ order, values: wellFormed }), order, 'after')).toEqual(wellFormed);
    }),
  );
});

describe('refuses', () => {
  const refused = (text: string, order = 'accounts:NAME:ASC') => expect(() => cursors.decode(text, order, 'after'));

  it('a cursor of another order or list', () => {
    for (const order of ['accounts:NAME:DESC', 'accounts:CREATED_AT:ASC', 'users:NAME:ASC', '']) {
      refused(cursor, order).toThrow(BadUserInput);
    }
  });

  it('a cursor of another key', () => {
    const other = createCursors(new Uint8Array(32).fill(8));
    refused(other.encode({ order: 'accounts:NAME:ASC', values: ['a', 'b'] })).toThrow(BadUserInput);
  });

  it('every change of a single character, and every truncation', () => {
    for (let index = 0; index < cursor.length; index++) {
      const swapped = cursor[index] === 'A' ? 'B' : 'A';
      refused(cursor.slice(0, index) + swapped + cursor.slice(index + 1)).toThrow(BadUserInput);
      refused(cursor.slice(0, index)).toThrow(BadUserInput);
    }
  });

  it('other spellings of the same bytes', () => {
    for (const text of [`${cursor}=`, `${cursor}==`, ` ${cursor}`, `${cursor}\n`, cursor.replaceAll('_', '/')]) {
      if (text !== cursor) {
        refused(text).toThrow(BadUserInput);
      }
    }
  });

  it('anything at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        refused(text).toThrow(BadUserInput);
      }),
    );
    refused('A'.repeat(1_000_000)).toThrow(BadUserInput);
  });
});
