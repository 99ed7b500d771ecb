import { isPromise, isRecord } from '../values.ts';
import type { RoleClosure } from './roles.ts';

/** The viewer of a request, as the application knows it. */
export interface AccessViewer<Role extends string = string, Permission extends string = string> {
  /**
   * The value that `owner` fields are compared with. Null for an anonymous viewer, whose roles and permissions count
   * for nothing.
   */
  readonly id: string | null;
  /**
   * Roles of the enum, which are closed over `@inherits` here, and any others, which satisfy no requirement by
   * themselves.
   */
  readonly roles: Iterable<Role>;
  /**
   * Permissions, including those of roles that the schema does not know; `'all'` satisfies every requirement that names
   * one.
   */
  readonly permissions: Iterable<Permission> | 'all';
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
 * @throws TypeError if the viewer is not valid: a promise, a number as id, a string where a list belongs
 */
export function grantsOf(viewer: AccessViewer, closure: RoleClosure): Grants {
  if (!isRecord(viewer)) {
    throw new TypeError(
      'The option viewer must be { id, roles, permissions }, with the id null for an anonymous viewer',
    );
  }
  const { id, roles, permissions } = viewer;
  if (id === null) {
    return NO_GRANTS;
  }
  if (typeof id !== 'string' || id === '') {
    throw new TypeError('The id of an access viewer must be a string that is not empty, or null for an anonymous one');
  }
  const held = new Set<string>();
  for (const role of stringsOf(roles, 'roles')) {
    closure.get(role)?.forEach((inherited) => held.add(inherited));
  }
  return { id, roles: held, permissions: permissions === 'all' ? 'all' : stringsOf(permissions, 'permissions') };
}

function stringsOf(values: unknown, name: string): Set<string> {
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    throw new TypeError(`The ${name} of an access viewer must be a list of strings`);
  }
  const strings = new Set<string>();
  for (const value of values as Iterable<unknown>) {
    if (typeof value !== 'string') {
      throw new TypeError(`The ${name} of an access viewer must be strings`);
    }
    strings.add(value);
  }
  return strings;
}

/**
 * Returns what an option that finds the viewer has returned, if that is a viewer.
 *
 * @param option the option in words: `The option viewer of guardSchema`
 * @throws TypeError in words that say what to return instead
 */
export function requireViewer(viewer: unknown, option: string): AccessViewer {
  if (isPromise(viewer)) {
    viewer.then(undefined, () => undefined);
    throw new TypeError(`${option} returned a promise: find the viewer while the context is built, and return it`);
  }
  if (!isRecord(viewer) || !('id' in viewer)) {
    const what = viewer === null ? 'null' : isRecord(viewer) ? 'an object without an id' : typeof viewer;
    const remedy = 'return { id, roles, permissions }, with the id null for an anonymous viewer';
    throw new TypeError(`${option} returned ${what}; ${remedy}`);
  }
  return viewer as unknown as AccessViewer;
}

/**
 * Refuses an async function, or a generator, as an option that finds the viewer.
 *
 * @throws TypeError that says what to do instead
 */
export function refuseAsync(find: unknown, option: string): void {
  const kind = /(Async|Generator|AsyncGenerator)Function/.exec(Object.prototype.toString.call(find))?.[1];
  if (kind !== undefined) {
    const word = kind === 'Async' ? 'async' : 'a generator';
    throw new TypeError(`${option} must not be ${word}: find the viewer while the context is built, and return it`);
  }
}
