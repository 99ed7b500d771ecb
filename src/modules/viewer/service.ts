import { type Policy, verdictsOn } from '../../access/index.ts';
import type { RequestContext } from '../../context.ts';
import { BadUserInput } from '../../lib/errors.ts';
import { VERDICTS } from '../explain/service.ts';

/** The largest number of coordinates in one field. */
const MOST_COORDINATES = 500;

/** The largest number of characters of a coordinate. */
const LONGEST_COORDINATE = 300;

/** The coordinate of a field, an argument, an input field or an enum value. */
const COORDINATE = /^[A-Z_a-z]\w*\.[A-Z_a-z]\w*(?:\([A-Z_a-z]\w*:\))?$/;

/** Returns what the server knows about the viewer of a request. */
export function describeViewer({ viewer, policy }: RequestContext) {
  const held = viewer.permissions === 'all' ? policy.permissions.keys() : viewer.permissions;
  return {
    id: viewer.id,
    viewedBy: viewer.viewedBy,
    signedIn: viewer.id !== null,
    authenticatedAt: viewer.authenticatedAt,
    secondFactorRequired: viewer.secondFactorRequired,
    roles: viewer.activated.toSorted(),
    effectiveRoles: [...viewer.roles].toSorted(),
    permissions: [...held].toSorted(),
  };
}

/**
 * Returns the verdict on each coordinate for the viewer; NO for one that does not exist in the schema that they see.
 *
 * @throws {BadUserInput} if there are too many coordinates, or a text is not a coordinate
 */
export function verdictsFor(
  { viewer, policy }: RequestContext,
  visible: Policy['schema'],
  coordinates: readonly string[],
) {
  if (coordinates.length > MOST_COORDINATES) {
    throw new BadUserInput(`Ask for at most ${MOST_COORDINATES} coordinates`, { field: 'coordinates' });
  }
  if (!coordinates.every((text) => text.length <= LONGEST_COORDINATE && COORDINATE.test(text))) {
    const forms = 'Type.field, Type.field(argument:), Input.field or Enum.VALUE';
    throw new BadUserInput(`Write each coordinate as ${forms}`, { field: 'coordinates' });
  }
  return verdictsOn(policy, { viewer, coordinates, visible }).map(({ coordinate, verdict }) => ({
    coordinate,
    verdict: VERDICTS[verdict ?? 'denied'],
  }));
}
