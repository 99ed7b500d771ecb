import type { RolePermissions } from '../../access/index.ts';
import { nearestName } from '../../access/edit-distance.ts';
import { describeRoles, ROLE_PERMISSIONS } from '../../access/options.ts';
import { FileFailure, readBytes } from '../output.ts';
import { importModule } from './load-schema.ts';
import { type AccessCommandInput, policyFor } from './usage.ts';

/**
 * Loads the permissions that come with roles: from a JSON file, or from a module that exports them as `rolePermissions` or
 * by default.
 *
 * @throws {FileFailure} if there are none
 * @throws {SchemaFailure} if the module cannot be loaded
 */
export async function loadRolePermissions(file: string): Promise<RolePermissions> {
  const value = /\.[cm]?[jt]sx?$/.test(file) ? await importFrom(file) : await parseFile(file);
  if (!ROLE_PERMISSIONS.accepts(value)) {
    throw new FileFailure(`The file "${file}" must hold ${ROLE_PERMISSIONS.words}.`);
  }
  return value as RolePermissions;
}

async function importFrom(file: string): Promise<unknown> {
  const exported = new Map<string, unknown>(Object.entries(await importModule(file)));
  return exported.get('rolePermissions') ?? exported.get('default');
}

async function parseFile(file: string): Promise<unknown> {
  const text = (await readBytes(file)).toString('utf8').replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch {
    throw new FileFailure(`The file "${file}" is not JSON. It must hold ${ROLE_PERMISSIONS.words}.`);
  }
}

/**
 * Checks the permissions that come with roles against the schema. Permissions that no requirement names are reported only:
 * they may be those of another schema.
 *
 * @throws {FileFailure} if a role is unknown
 */
export function checkRolePermissions(io: AccessCommandInput): void {
  const { rolePermissions } = io;
  if (rolePermissions === undefined) {
    return;
  }
  const { roles } = policyFor(io);
  const unknown = Object.keys(rolePermissions).find((role) => !roles.has(role));
  if (unknown !== undefined) {
    throw new FileFailure(
      `The permissions of roles name "${unknown}", which is not a role; ${describeRoles(unknown, roles)}.`,
    );
  }
  const lists = Object.values(rolePermissions).map((list) => (list === 'all' ? [] : list));
  reportUnknownPermissions(new Set(lists.flat()), io);
}

/** Reports permissions that satisfy nothing: a viewer may hold those of other schemas, but one may also be misspelt. */
export function reportUnknownPermissions(names: Iterable<string>, io: AccessCommandInput): void {
  const { permissions } = policyFor(io);
  for (const name of [...names].filter((permission) => !permissions.has(permission))) {
    const meant = nearestName(name, permissions.keys());
    io.err(`No requirement names the permission "${name}".${meant === undefined ? '' : ` Is "${meant}" meant?`}`);
  }
}
