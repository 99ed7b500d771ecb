import { nearestName } from './edit-distance.ts';
import { isIterable, isRecord } from './values.ts';

/** The kind of value that an option takes. */
export interface OptionKind {
  /** The words that follow "must be". */
  readonly words: string;
  readonly accepts: (value: unknown) => boolean;
  readonly isRequired?: boolean;
}

/** The options of a function by name. */
export type OptionKinds = Readonly<Record<string, OptionKind>>;

/**
 * Refuses options that would mean nothing, or something else than was meant, when the first request comes.
 *
 * @throws TypeError that names the option, and says what it must be
 */
export function checkOptions(caller: string, options: unknown, kinds: OptionKinds): void {
  if (!isObjectOf(options, () => true)) {
    throw new TypeError(`${caller} takes an object of options${awaited(options)}`);
  }
  const known = Object.entries(kinds);
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(kinds, name));
  const misspelt = unknown.flatMap((name) => {
    const meant = nearestName(name, Object.keys(kinds));
    return meant === undefined ? [] : [`${name}; is ${meant} meant?`];
  });
  if (misspelt.length > 0) {
    throw new TypeError(`${caller} has no option ${misspelt[0]}`);
  }
  for (const [name, { words, accepts, isRequired = false }] of known) {
    const value = options[name];
    if ((isRequired || value !== undefined) && !accepts(value)) {
      throw new TypeError(`The option ${name} of ${caller} must be ${words}${awaited(value)}`);
    }
  }
  if (unknown.length > 0) {
    const names = known.map(([name]) => name).join(', ');
    throw new TypeError(`${caller} has no option ${unknown[0]}; its options are ${names}`);
  }
}

/** Returns what to do with an option that is a promise, which would hold no property. */
function awaited(value: unknown): string {
  return value instanceof Promise ? '; await the promise first' : '';
}

/** An option that takes one of some words. */
export function oneOf(...texts: readonly string[]): OptionKind {
  const quoted = texts.map((text) => `"${text}"`);
  const words = [quoted.slice(0, -1).join(', '), quoted.at(-1)].join(' or ');
  return { words, accepts: (value) => texts.includes(value as string) };
}

/** Tells whether a value is a list of strings. */
export function isListOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Tells whether a value is an object, neither a list nor a `Map` nor a promise, in which every property passes a test. */
export function isObjectOf(
  value: unknown,
  accepts: (value: unknown, name: string) => boolean,
): value is Readonly<Record<PropertyKey, unknown>> {
  const isObject = isRecord(value) && !isIterable(value) && !(value instanceof Promise);
  return isObject && Object.entries(value).every(([name, item]) => accepts(item, name));
}

/** An option whose value the function itself checks, or passes on. */
export const ANY_VALUE: OptionKind = { words: 'any value', accepts: () => true };

/** The option with the permissions that come with roles. */
export const ROLE_PERMISSIONS: OptionKind = {
  words: 'an object that holds a list of permissions, or "all", for each role: { ADMIN: ["users:read"] }',
  accepts: (value) => isObjectOf(value, (list) => list === 'all' || isListOfStrings(list)),
};

/** An option that takes a function. */
export function aFunction(words = 'a function'): OptionKind {
  return { words, accepts: (value) => typeof value === 'function' };
}

/** The names of the roles: a set of them, or a map by name. */
type RoleNames = Pick<ReadonlySet<string>, 'has' | 'keys' | 'size'>;

/**
 * Refuses names that are not roles of the schema. A misspelt one would hold nothing, which looks like a denial.
 *
 * @param option the option in words: `The option rolePermissions of accessMatrix`
 * @throws TypeError that names the role which is probably meant, and all roles
 */
export function requireRoles(names: Iterable<string>, roles: RoleNames, option: string): void {
  for (const name of names) {
    if (!roles.has(name)) {
      throw new TypeError(
        `${option} names ${JSON.stringify(name)}, which is not a role; ${describeRoles(name, roles)}`,
      );
    }
  }
}

/** Says which role a name was probably meant to be, and which roles there are. */
export function describeRoles(name: string, roles: RoleNames): string {
  return roles.size === 0 ? 'the schema has none' : describeNames(name, [...roles.keys()], 'the roles are');
}

/** Says which of some names was probably meant, and which there are. */
export function describeNames(name: string, known: readonly string[], words: string): string {
  const meant = nearestName(name, known);
  const list = `${words} ${known.join(', ')}`;
  return meant === undefined
    ? list
    : `is ${JSON.stringify(meant)} meant? ${list.replace(/^./, (letter) => letter.toUpperCase())}`;
}
