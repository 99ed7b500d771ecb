/** `2026-01-31 12:00:00.123+00`: how PostgreSQL writes timestamps in UTC, without zeros at the end of the fraction. */
const [WITHOUT_FRACTION, WITH_MILLISECONDS] = [22, 26];

/** A timestamp as the database wrote it, which need not be written again to be sent on. Not to be changed. */
class Instant extends Date {
  readonly #written: string;

  constructor(written: string) {
    super(millisecondsOf(written));
    this.#written = written;
  }

  override toISOString(): string {
    const written = this.#written;
    if (written.length === WITH_MILLISECONDS) {
      return `${written.slice(0, 10)}T${written.slice(11, 23)}Z`;
    }
    return `${written.slice(0, 10)}T${written.slice(11, 19)}.${written.slice(20, -3).padEnd(3, '0')}Z`;
  }
}

/** Reads a timestamp in the form that PostgreSQL writes (ISO 8601 but for its blank, with the hours of its zone). */
export function instantOf(written: string): Date {
  return isUsual(written) ? new Instant(written) : anyInstant(written);
}

/** In whatever zone the session has: `+05:30`, and for years long ago `+05:53:28`, which JavaScript does not read. */
const ZONED = /^(?<local>.*)(?<sign>[+-])(?<hours>\d\d)(?::(?<minutes>\d\d))?(?::(?<seconds>\d\d))?$/;

function anyInstant(written: string): Date {
  const { local = '', sign, hours, minutes = 0, seconds = 0 } = ZONED.exec(written)?.groups ?? {};
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  const utc = Date.parse(`${local.replace(' ', 'T')}Z`);
  return new Date(utc - (sign === '-' ? -1_000 : 1_000) * offset);
}

/** In UTC, of a year with four digits, with milliseconds at most: what the short ways here are good for. */
function isUsual(written: string): boolean {
  const { length } = written;
  return length >= WITHOUT_FRACTION && length <= WITH_MILLISECONDS && written[0] !== '0' && written.endsWith('+00');
}

function millisecondsOf(written: string): number {
  return Date.UTC(
    twoDigits(written, 0) * 100 + twoDigits(written, 2),
    twoDigits(written, 5) - 1,
    twoDigits(written, 8),
    twoDigits(written, 11),
    twoDigits(written, 14),
    twoDigits(written, 17),
    fractionOf(written),
  );
}

function fractionOf(written: string): number {
  let milliseconds = 0;
  for (let at = 20, weight = 100; at < written.length - 3; at++, weight /= 10) {
    milliseconds += digit(written, at) * weight;
  }
  return milliseconds;
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

const ZERO = '0'.charCodeAt(0);

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - ZERO;
}
