/** Returns PostgreSQL's text of an array (`{"a","b"}`), for a parameter such as `?::text[]`; of lists in it, nested ones. */
export function arrayLiteral(values: readonly unknown[]): string {
  return `{${values.map(elementOf).join(',')}}`;
}

function elementOf(value: unknown): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  return Array.isArray(value) ? arrayLiteral(value) : `"${textOf(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** Returns a value as a literal of SQL, whose type the database infers from its place. */
export function literalOf(value: unknown): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  if (typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) {
    // Without parentheses a minus before it would begin a comment, and a cast after it would come before its own minus.
    return value < 0 ? `(${value})` : String(value);
  }
  const text = textOf(value).replaceAll("'", "''");
  return text.includes('\\') ? ` E'${text.replaceAll('\\', '\\\\')}'` : `'${text}'`;
}

/** Returns PostgreSQL's text of a value that is not null, as the driver for servers sends it: of an array or an object as well. */
export function textOf(value: unknown): string {
  if (value instanceof Date) {
    return dateText(value);
  }
  if (value instanceof Uint8Array) {
    return `\\x${Buffer.from(value).toString('hex')}`;
  }
  if (Array.isArray(value)) {
    return arrayLiteral(value);
  }
  if (typeof value === 'object' && value !== null && 'toPostgres' in value && typeof value.toPostgres === 'function') {
    return textOf(value.toPostgres(textOf)); // the driver's own protocol
  }
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | bigint | boolean}`;
}

/** Returns an instant as PostgreSQL reads it: with years of four digits or more, and those before the first as BC. */
function dateText(date: Date): string {
  const year = date.getUTCFullYear();
  const digits = String(year < 1 ? 1 - year : year).padStart(4, '0');
  return `${digits}${date.toISOString().slice(-'-01-01T00:00:00.000Z'.length)}${year < 1 ? ' BC' : ''}`;
}
