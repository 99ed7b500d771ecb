import { describe, expect, it } from 'vitest';
import { requireName } from '../../src/lib/names.ts';

const require = (text: string): string => requireName(text, { what: 'A name', field: 'input.name' });

describe('a name', () => {
  it.each([
    ['Müller', 'Müller'],
    ['  Anna  ', 'Anna'],
    ['\ufeffAnna', 'Anna'],
    ['Mu\u0308ller', 'Müller'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['👩\u200d🚀', '👩\u200d🚀'],
    ['ABC\u200f', 'ABC\u200f'],
    ['葛\u{e0100}', '葛\u{e0100}'],
    [
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    ],
    ['1', '1'],
    ['-', '-'],
    ['x'.repeat(200), 'x'.repeat(200)],
  ])('a name may be %j', (text, name) => {
    expect(require(text)).toBe(name);
  });

  it.each([
    '',
    '   ',
    '\u200b',
    '\u202e',
    '\u200b\u200c\u200d\u2060\ufeff',
    '\u00ad',
    '\u061c\u200e\u200f',
    '\u3164',
    '\u115f\u1160',
    '\uffa0',
    '\u2800',
    '\u0301',
    '\ufe0f',
    '\u{e0041}',
    '\u{1d173}',
    'a\u202eb',
    'a\u2066b',
    'a\u2028b',
    'a\nb',
    'Acme\u200b',
    'Ac\u00adme',
    'Ac\u2060me',
    'Ac\ufeffme',
    'Acme\u3164',
    'Acme\u{e0041}',
    'a\0b',
    '\ud800',
    'x'.repeat(201),
  ])('a name may not be %j', (text) => {
    expect(() => require(text)).toThrow('A name is 1 to 200 characters, at least one of them visible');
  });
});
