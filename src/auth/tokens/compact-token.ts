import { isRecord } from '../../access/values.ts';
import { InvalidTokenError } from '../../lib/errors.ts';

/** The longest token that is accepted, in characters: ours take about 400, those of large issuers a few thousand. */
export const MAX_TOKEN_LENGTH = 8192;

/** The JSON object in a token's header or payload; its members have not been checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The content of a token in compact form, not trusted until its signature is verified. */
export type CompactToken = { readonly header: JsonObject; readonly payload: JsonObject };

/**
 * Parses a signed token in compact form (RFC 7515 §7.1), before any library reads it: three parts of canonical
 * base64url, of which the first two are UTF-8 JSON objects. So a token has exactly one spelling.
 *
 * @throws {InvalidTokenError} for anything else, and for more than {@link MAX_TOKEN_LENGTH} characters
 */
export function parseCompactToken(token: string): CompactToken {
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new InvalidTokenError(`The token is longer than ${MAX_TOKEN_LENGTH} characters`);
  }
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length > 0) {
    throw new InvalidTokenError('The token does not consist of three parts');
  }
  decode(signature);
  return { header: parseObject(header), payload: parseObject(payload) };
}

/** Decodes base64url as RFC 7515 §2 and RFC 4648 §3.5 require: no padding, no other characters, no stray bits. */
function decode(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) {
    throw new InvalidTokenError('A part of the token is not canonical base64url');
  }
  return bytes;
}

function parseObject(part: string): JsonObject {
  const value = parseJson(decode(part));
  if (!isRecord(value) || Array.isArray(value)) {
    throw new InvalidTokenError('A part of the token is not a JSON object');
  }
  return value;
}

function parseJson(bytes: Buffer): unknown {
  try {
    // A byte order mark is kept, so that JSON.parse refuses it.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new InvalidTokenError('A part of the token is not JSON in UTF-8', { cause: error });
  }
}
