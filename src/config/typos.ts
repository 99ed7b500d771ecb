import { editDistance } from '../access/edit-distance.ts';

/** Below this length two names are near one another by chance (HOST and HOME): one slip is the most. */
const SHORT_NAME = 8;

const allowed = (name: string): number => (name.length < SHORT_NAME ? 1 : 2);

/**
 * The known name that this unknown one was probably meant to be, or null. Case does not count, two slips are allowed,
 * in a short name one.
 */
export function meantBy(unknown: string, known: readonly string[]): string | null {
  const name = unknown.toUpperCase();
  const near = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= allowed(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate, allowed(candidate)) }))
    .filter(({ candidate, distance }) => distance <= allowed(candidate));
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate ?? null;
}
