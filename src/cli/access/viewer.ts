import type { AccessViewer, Policy } from '../../access/index.ts';
import { type Options, textOption, UsageError } from './usage.ts';
import type { AccessCommandInput } from './usage.ts';

const ANONYMOUS = 'anonymous';

/** The options that describe a viewer. */
export const VIEWER_OPTIONS = { as: { type: 'string' }, permissions: { type: 'string' } } as const;

/**
 * Returns the viewer that `--as` and `--permissions` describe, with the permissions that come with the roles.
 *
 * @throws UsageError if a role is unknown, or none is named
 */
export function viewerFrom(options: Options, policy: Policy, io: AccessCommandInput): AccessViewer {
  const names = splitList(textOption(options, 'as'));
  const known = [...policy.roles.keys()];
  const unknown = names.filter((name) => name !== ANONYMOUS && !policy.roles.has(name));
  if (names.length === 0) {
    throw new UsageError(`Name a role: --as ROLE. The roles are ${known.join(', ')}, and "${ANONYMOUS}".`);
  }
  if (unknown.length > 0) {
    throw new UsageError(
      `There is no role ${unknown.join(', ')}. The roles are ${known.join(', ')}, and "${ANONYMOUS}".`,
    );
  }
  if (names.includes(ANONYMOUS)) {
    return anonymous(names, options);
  }
  const held = new Set(names.flatMap((name) => Array.from(policy.roles.get(name) ?? [])));
  const lists = Object.entries(io.rolePermissions ?? {}).flatMap(([role, list]) => (held.has(role) ? [list] : []));
  const permissions = [...splitList(textOption(options, 'permissions')), ...lists.flat()];
  return { id: 'viewer', roles: names, permissions: lists.includes('all') ? 'all' : permissions };
}

function anonymous(names: readonly string[], options: Options): AccessViewer {
  if (names.length > 1 || textOption(options, 'permissions') !== null) {
    throw new UsageError('An anonymous viewer holds no roles and no permissions.');
  }
  return { id: null, roles: [], permissions: [] };
}

function splitList(text: string | null): string[] {
  const items = (text ?? '').split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}
