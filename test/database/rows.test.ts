import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { instantOf } from '../../src/database/rows.ts';

/** Returns a date as PostgreSQL writes it in UTC: without zeros at the end of the fraction. */
function written(date: Date): string {
  const text = date.toISOString().replace('T', ' ').replace('Z', '');
  return `${text.replace(/\.?0+$/, (zeros) => (text.includes('.') ? zeros.replaceAll(/[.0]/g, '') : zeros))}+00`;
}

it('a date is read as the same moment, and has the same JSON, as any other Date', () => {
  const dates = fc.date({
    min: new Date('0001-01-01'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(dates, (date) => {
      const instant = instantOf(written(date));
      expect(instant.getTime()).toBe(date.getTime());
      expect(JSON.stringify(instant)).toBe(JSON.stringify(date));
    }),
  );
});

it.each([
  ['2026-01-31 12:00:00.123+00', '2026-01-31T12:00:00.123Z'],
  ['2026-01-31 12:00:00+00', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31 12:00:00.1+00', '2026-01-31T12:00:00.100Z'],
  ['2026-01-31 12:00:00.12+00', '2026-01-31T12:00:00.120Z'],
  ['2026-01-31 12:00:00.12-03', '2026-01-31T15:00:00.120Z'],
  ['2026-01-31 12:00:00.123+02', '2026-01-31T10:00:00.123Z'],
  ['2026-01-31 12:00:00.123456+00', '2026-01-31T12:00:00.123Z'],
  ['0099-12-31 23:59:59.999+00', '0099-12-31T23:59:59.999Z'],
  ['2026-01-31 12:00:00+05:30', '2026-01-31T06:30:00.000Z'],
  ['2026-01-31 12:00:00.5-09:30', '2026-01-31T21:30:00.500Z'],
  ['1800-01-01 05:53:28+05:53:28', '1800-01-01T00:00:00.000Z'],
])('the date %s is read', (text, iso) => {
  expect(instantOf(text).toISOString()).toBe(iso);
});
