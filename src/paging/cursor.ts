import { createCipheriv, createDecipheriv, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { BadUserInput } from '../lib/errors.ts';

/** The content of a cursor: the list and order it belongs to, and the sort values of the row that it points at. */
export interface CursorPosition {
  /** Names list, sort field and direction: a cursor is valid for no other. */
  readonly order: string;
  readonly values: readonly string[];
}

/** Creates and reads cursors. */
export interface Cursors {
  encode(position: CursorPosition): string;
  /**
   * @param argument names the argument in the error
   * @throws {BadUserInput} if the cursor was not made here, or belongs to another order
   */
  decode(cursor: string, order: string, argument: string): readonly string[];
}

const VERSION = 2;
const MAC_BYTES = 16;
const MAX_LENGTH = 2_000;
const CIPHER = 'aes-256-ctr';

/**
 * Sealed cursors: base64url of a version, a truncated HMAC-SHA-256, and the position as JSON, encrypted with the HMAC as the
 * initial counter. So a cursor reveals no value that its list is sorted by, and equal positions have equal cursors.
 *
 * @param key at least 32 secret bytes, the same on every replica
 */
export function createCursors(key: KeyObject): Cursors {
  const macOf = (payload: Buffer): Buffer => createHmac('sha256', key).update(payload).digest().subarray(0, MAC_BYTES);
  const secret = createHmac('sha256', key).update('cipher').digest();

  return {
    encode({ order, values }) {
      const payload = Buffer.from(JSON.stringify([order, ...values]));
      const mac = macOf(payload);
      const sealed = createCipheriv(CIPHER, secret, mac).update(payload);
      return Buffer.concat([Buffer.of(VERSION), mac, sealed]).toString('base64url');
    },
    decode(cursor, order, argument) {
      const bytes = cursor.length > MAX_LENGTH ? Buffer.alloc(0) : Buffer.from(cursor, 'base64url');
      const mac = bytes.subarray(1, 1 + MAC_BYTES);
      const sealed = bytes.subarray(1 + MAC_BYTES);
      const payload = sealed.length > 0 ? createDecipheriv(CIPHER, secret, mac).update(sealed) : sealed;
      const genuine =
        bytes[0] === VERSION &&
        payload.length > 0 &&
        timingSafeEqual(mac, macOf(payload)) &&
        isCanonical(cursor, bytes);
      if (!genuine) {
        throw new BadUserInput(`"${argument}" is not a cursor of this list: pass a cursor from one of its pages`, {
          field: argument,
        });
      }
      const [of, ...values] = JSON.parse(payload.toString()) as string[];
      if (of !== order) {
        throw new BadUserInput(`"${argument}" is a cursor of another list or order: start again without it`, {
          field: argument,
        });
      }
      return values;
    },
  };
}

function isCanonical(text: string, bytes: Buffer): boolean {
  return bytes.toString('base64url') === text;
}
