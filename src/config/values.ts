import { isIP } from 'node:net';
import { z } from 'zod';

/** Parsers of one variable's text. Their messages complete "NAME …" and never contain the value. */

const WHOLE_NUMBER = /^\d{1,15}$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
/** `name@host`, or `Name <name@host>` as a From header has it (RFC 5322 §3.4), without line breaks. */
const MAILBOX = /^(?:[^<>\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

/** Parses true, yes, on, 1 or false, no, off, 0, ignoring case. */
export const flag = z.stringbool({
  truthy: ['true', 'yes', 'on', '1'],
  falsy: ['false', 'no', 'off', '0'],
  error: 'must be true or false',
});

/** Returns a parser of whole numbers from `least` to `most`, both included. */
export function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(WHOLE_NUMBER, { error: message, abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

/** A TCP port. 0 asks the system for any free port. */
export const port = wholeNumber(0, 65_535);

export const host = z
  .string()
  .refine((text) => isIP(text) !== 0 || HOST_NAME.test(text), 'must be an IP address or a host name, without a port');

/** A domain name in lower case, not an IP address: the relying party of passkeys (WebAuthn §5.4.2). */
export const domain = z
  .string()
  .refine(
    (text) => isIP(text) === 0 && HOST_NAME.test(text) && text === text.toLowerCase(),
    'must be a domain in lower case, not an IP address: example.com',
  );

export const mailbox = z.string().regex(MAILBOX, 'must be a mail address: "name@host" or "Name <name@host>"');

/** Returns a parser of a closed set of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** Returns a parser of absolute URLs with one of these schemes, e.g. `https:`. */
export function url(schemes: readonly string[], form: string) {
  return z.string().refine((text) => schemes.includes(URL.parse(text)?.protocol ?? ''), `must be a URL: ${form}`);
}

/** A PostgreSQL connection URI that names a host (or a socket's folder, `?host=`) and a database. */
export const postgresUrl = z.string().refine((text) => {
  const parsed = URL.parse(text);
  return (
    parsed !== null &&
    ['postgres:', 'postgresql:'].includes(parsed.protocol) &&
    (parsed.hostname !== '' || parsed.searchParams.has('host')) &&
    parsed.pathname.length > 1
  );
}, 'must be a URL: postgres://user:password@host:5432/database');

/** An origin: scheme, host and optional port, exactly as browsers send it in `Origin` (RFC 6454 §6.2). */
export const origin = z
  .string()
  .refine((text) => !text.includes('*'), { error: 'must list the origins one by one: no "*"', abort: true })
  .refine((text) => {
    const parsed = URL.parse(text);
    return parsed !== null && ['http:', 'https:'].includes(parsed.protocol) && parsed.origin === text;
  }, 'must be an origin in lower case, without a path or a trailing slash: https://app.example.com');

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) {
    return false;
  }
  const most = version === 4 ? 32 : 128;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= most);
}

/**
 * An address, or a range in CIDR notation (RFC 4632). `/0` is refused because it would trust every client. A number of
 * hops is refused because a client that reaches the server without its proxies could then claim any address.
 */
export const addressRange = z
  .string()
  .refine(isAddressRange, 'must be an IP address or a CIDR range such as 10.0.0.0/8 (not /0, which is every address)');

/** A share from 0 to 1. */
export const ratio = z
  .string()
  .regex(/^(?:0|1|0?\.\d{1,9}|1\.0{1,9})$/, { error: 'must be a number from 0 to 1', abort: true })
  .transform(Number);

const KEY_VALUE = /^\s*([^\s=,;]+)\s*=\s*([^,;]*?)\s*$/;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Pairs `name=value,…` with percent-encoded values, as OpenTelemetry's variables have them. */
export const keyValues = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  const read = pairs.map((pair) => {
    const [, name, value] = KEY_VALUE.exec(pair) ?? [];
    const plain = value === undefined ? null : decoded(value);
    return name === undefined || plain === null ? null : ([name, plain] as const);
  });
  if (read.includes(null)) {
    context.addIssue('must be pairs name=value, separated by commas, with percent-encoded values');
    return z.NEVER;
  }
  return Object.fromEntries(read.filter((pair) => pair !== null));
});

/** Returns a parser of comma-separated items. Blanks around items and empty items are ignored. */
export function list<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .string()
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(item).min(1, 'is an empty list: name at least one item, or leave the variable out'));
}
