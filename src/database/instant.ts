/** `2026-01-31 12:00:00.123+00`: how PostgreSQL writes nearly every timestamp with milliseconds. */
const USUAL_LENGTH = 26;

/** A timestamp as the database wrote it, which need not be written again to be sent on. Not to be changed. */
class Instant extends Date {
  readonly #written: string;

  constructor(written: string) {
    super(millisecondsOf(written));
    this.#written = written;
  }

  override toISOString(): string {
    return `${this.#written.slice(0, 10)}T${this.#written.slice(11, 23)}Z`;
  }
}

/** Reads a timestamp in the form that PostgreSQL writes (ISO 8601 but for its blank, with the hours of its zone). */
export function instantOf(written: string): Date {
  return isUsual(written) ? new Instant(written) : new Date(`${written.replace(' ', 'T')}:00`);
}

/** Milliseconds, in UTC, of a year with four digits, which is all that the short ways here are good for. */
function isUsual(written: string): boolean {
  return written.length === USUAL_LENGTH && written[0] !== '0' && written[19] === '.' && written.endsWith('+00');
}

function millisecondsOf(written: string): number {
  const year = twoDigits(written, 0) * 100 + twoDigits(written, 2);
  const milliseconds = twoDigits(written, 20) * 10 + digit(written, 22);
  return Date.UTC(
    year,
    twoDigits(written, 5) - 1,
    twoDigits(written, 8),
    twoDigits(written, 11),
    twoDigits(written, 14),
    twoDigits(written, 17),
    milliseconds,
  );
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

const ZERO = '0'.charCodeAt(0);

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - ZERO;
}
