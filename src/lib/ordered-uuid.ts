import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** The number of ids for which random bytes are generated together: the call takes longer than the rest of an id. */
const IDS = 256;
const BYTES = 16;
const pool = new Uint8Array(IDS * BYTES);
let used = pool.length;

/** The time of the last id in milliseconds, and its place among the ids of that millisecond (31 bits at first). */
let [last, sequence] = [0, 0];

/**
 * Returns a UUID of version 7 (RFC 9562 §5.7). The ids of a process rise: within a millisecond, and when its clock is set
 * back, they have the time of the id before and the next number (§6.2, method 1).
 */
export function orderedUuid(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + BYTES);
  used += BYTES;
  const now = Date.now();
  if (now > last) {
    last = now;
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else {
    sequence = (sequence + 1) >>> 0;
    last += sequence === 0 ? 1 : 0;
  }
  return v7({ random, msecs: last, seq: sequence });
}
