import { editDistance } from './edit-distance.ts';
import { isRecord } from './values.ts';

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
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(kinds, name)) {
      const meant = Object.keys(kinds).find((known) => editDistance(name, known, MOST_WRONG) <= MOST_WRONG);
      const remedy = meant === undefined ? `its options are ${Object.keys(kinds).join(', ')}` : `is ${meant} meant?`;
      throw new TypeError(`${caller} has no option ${name}; ${remedy}`);
    }
  }
  for (const [name, { words, accepts, isRequired = false }] of Object.entries(kinds)) {
    const value = options[name];
    if ((isRequired || value !== undefined) && !accepts(value)) {
      throw new TypeError(`The option ${name} of ${caller} must be ${words}`);
    }
  }
}

/** An option that takes one of some words. */
export function oneOf(...texts: readonly string[]): OptionKind {
  const quoted = texts.map((text) => `"${text}"`);
  const words = [quoted.slice(0, -1).join(', '), quoted.at(-1)].join(' or ');
  return { words, accepts: (value) => texts.includes(value as string) };
}

/** An option that takes a list of texts. */
export function listOfTexts(words: string): OptionKind {
  return { words, accepts: isListOfTexts };
}

/** Tells whether a value is a list of texts. */
export function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Tells whether a value is an object in which every property passes a test. */
export function isObjectOf(value: unknown, accepts: (value: unknown, name: string) => boolean): boolean {
  return isRecord(value) && !Array.isArray(value) && Object.entries(value).every(([name, item]) => accepts(item, name));
}

/** An option that takes a function. */
export function aFunction(words = 'a function'): OptionKind {
  return { words, accepts: (value) => typeof value === 'function' };
}
