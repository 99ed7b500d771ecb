import { editDistance } from '../access/edit-distance.ts';

/** Names below this length are similar by chance (HOST and HOME), so only one typing error is assumed in them. */
const SHORT_NAME = 8;

const allowed = (name: string): number => (name.length < SHORT_NAME ? 1 : 2);

/**
 * Returns the known name that an unknown one was probably meant to be, or null. Case is ignored; two typing errors are
 * assumed, one in a short name.
 */
export function meantBy(unknown: string, known: readonly string[]): string | null {
  const name = unknown.toUpperCase();
  const near = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= allowed(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate, allowed(candidate)) }))
    .filter(({ candidate, distance }) => distance <= allowed(candidate));
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate ?? null;
}
