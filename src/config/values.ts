import { isIP } from 'node:net';
import { z } from 'zod';

/** Parsers of one variable's text. Their messages complete "NAME …" and never repeat the value. */

const WHOLE_NUMBER = /^\d{1,15}$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
/** `name@host`, or `Name <name@host>` as a From header has it (RFC 5322 §3.4), without line breaks. */
const MAILBOX = /^(?:[^<>\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

/** true, yes, on, 1 or false, no, off, 0, in any case. */
export const flag = z.stringbool({
  truthy: ['true', 'yes', 'on', '1'],
  falsy: ['false', 'no', 'off', '0'],
  error: 'must be true or false',
});

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(WHOLE_NUMBER, { error: message, abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

/** TCP port; 0 asks the system for any free one. */
export const port = wholeNumber(0, 65_535);

export const host = z
  .string()
  .refine((text) => isIP(text) !== 0 || HOST_NAME.test(text), 'must be an IP address or a host name, without a port');

export const mailbox = z.string().regex(MAILBOX, 'must be a mail address: "name@host" or "Name <name@host>"');

/** One of a closed set of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** An absolute URL of one of these schemes, e.g. `https:`. */
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

/** Scheme, host and perhaps port, exactly as browsers send it in `Origin` (RFC 6454 §6.2). */
export const origin = z
  .string()
  .refine((text) => !text.includes('*'), { error: 'must list the origins one by one: no "*"', abort: true })
  .refine((text) => {
    const parsed = URL.parse(text);
    return parsed !== null && ['http:', 'https:'].includes(parsed.protocol) && parsed.origin === text;
  }, 'must be an origin in lower case, without path or closing slash: https://app.example.com');

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
 * An address, or a range in CIDR notation (RFC 4632). `/0` would trust everybody, so it is none; neither is a number of
 * hops, because whoever reaches the server past its proxies could then claim any address.
 */
export const addressRange = z
  .string()
  .refine(isAddressRange, 'must be an IP address or a CIDR range such as 10.0.0.0/8 (and not everybody: no /0)');

/** Items separated by commas; blanks around them and empty ones do not count. */
export function list<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .string()
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(item).min(1, 'is an empty list: name at least one item, or leave the variable out'));
}
