import type { RoleClosure } from './roles.ts';

/** Who is asking, as the application knows it. */
export interface AccessViewer {
  /** What `owner` fields are compared with. Null: nobody is signed in, and roles and permissions count for nothing. */
  readonly id: string | null;
  /** Roles of the schema's enum, which are closed over `@inherits` here, and any others, which open no door by themselves. */
  readonly roles: Iterable<string>;
  /** Permissions, those of roles that the schema does not know included; `'all'` opens every door that names one. */
  readonly permissions: Iterable<string> | 'all';
}

/** A viewer's keys, ready to be tried on doors. */
export interface Keyring {
  readonly id: string | null;
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string> | 'all';
}

const NO_KEYS: Keyring = { id: null, roles: new Set(), permissions: new Set() };

/**
 * The keys of a viewer.
 *
 * @throws TypeError if the viewer is not what it should be: a promise, a number as id, a string where a list belongs.
 */
export function keyringOf(viewer: AccessViewer, closure: RoleClosure): Keyring {
  const { id, roles, permissions } = viewer;
  if (id === null) {
    return NO_KEYS;
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
