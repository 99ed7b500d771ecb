import { editDistance } from './edit-distance.ts';
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

/** The number of letters by which a misspelt name may differ from the one that was meant. */
const MOST_WRONG = 2;

/**
 * Refuses options that would mean nothing, or something else than was meant, when the first request comes.
 *
 * @throws TypeError that names the option, and says what it must be
 */
export function checkOptions(caller: string, options: unknown, kinds: OptionKinds): void {
  if (!isRecord(options)) {
    throw new TypeError(`${caller} takes an object of options`);
  }
  const known = Object.entries(kinds);
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(kinds, name));
  const misspelt = unknown.flatMap((name) => {
    const meant = known.find(([option]) => editDistance(name, option, MOST_WRONG) <= MOST_WRONG);
    return meant === undefined ? [] : [`${name}; is ${meant[0]} meant?`];
  });
  if (misspelt.length > 0) {
    throw new TypeError(`${caller} has no option ${misspelt[0]}`);
  }
  for (const [name, { words, accepts, isRequired = false }] of known) {
    const value = options[name];
    if ((isRequired || value !== undefined) && !accepts(value)) {
      throw new TypeError(`The option ${name} of ${caller} must be ${words}`);
    }
  }
  if (unknown.length > 0) {
    const names = known.map(([name]) => name).join(', ');
    throw new TypeError(`${caller} has no option ${unknown[0]}; its options are ${names}`);
  }
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

/** Tells whether a value is an object, no list and no `Map`, in which every property passes a test. */
export function isObjectOf(value: unknown, accepts: (value: unknown, name: string) => boolean): boolean {
  return isRecord(value) && !isIterable(value) && Object.entries(value).every(([name, item]) => accepts(item, name));
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
