import type { RoleClosure } from './roles.ts';

/** The viewer of a request, as the application knows it. */
export interface AccessViewer {
  /**
   * The value that `owner` fields are compared with. Null for an anonymous viewer, whose roles and permissions count
   * for nothing.
   */
  readonly id: string | null;
  /**
   * Roles of the enum, which are closed over `@inherits` here, and any others, which satisfy no requirement by
   * themselves.
   */
  readonly roles: Iterable<string>;
  /**
   * Permissions, including those of roles that the schema does not know; `'all'` satisfies every requirement that names
   * one.
   */
  readonly permissions: Iterable<string> | 'all';
}

/** The grants of a viewer: all roles and permissions that they hold. */
export interface Grants {
  readonly id: string | null;
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string> | 'all';
}

const NO_GRANTS: Grants = { id: null, roles: new Set(), permissions: new Set() };

/**
 * Returns the grants of a viewer.
 *
 * @throws TypeError if the viewer is not what it should be: a promise, a number as id, a string where a list belongs
 */
export function grantsOf(viewer: AccessViewer, closure: RoleClosure): Grants {
  const { id, roles, permissions } = viewer;
  if (id === null) {
    return NO_GRANTS;
  }
  if (typeof id !== 'string' || id === '') {
    throw new TypeError('The id of an access viewer must be a text that is not empty, or null for an anonymous one');
  }
  const held = new Set<string>();
  for (const role of texts(roles, 'roles')) {
    closure.get(role)?.forEach((inherited) => held.add(inherited));
  }
  return { id, roles: held, permissions: permissions === 'all' ? 'all' : new Set(texts(permissions, 'permissions')) };
}

function* texts(values: unknown, name: string): Generator<string> {
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    throw new TypeError(`The ${name} of an access viewer must be a list of texts`);
  }
  for (const value of values as Iterable<unknown>) {
    if (typeof value !== 'string') {
      throw new TypeError(`The ${name} of an access viewer must be texts`);
    }
    yield value;
  }
}
