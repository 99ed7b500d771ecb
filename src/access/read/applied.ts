import { type ConstDirectiveNode, type ConstValueNode, Kind, print } from 'graphql';
import { isRecord } from '../values.ts';
import { directiveNamed, type Vocabulary } from './vocabulary.ts';
import type { SchemaElement } from './elements.ts';

/** A directive applied to an element, wherever it was written. */
export interface AppliedDirective {
  readonly name: string;
  /** True if it is written in SDL, where it has to be declared, or in the extensions of a code-first schema. */
  readonly origin: 'sdl' | 'code';
  /** Null if they do not have the form of arguments: `{ auth: 'ADMIN' }`, `{ public: false }`. */
  readonly args: ReadonlyMap<string, Literal> | null;
}

/** The value of an argument: null, a list, or a text and the form in which it was written. */
export type Literal = null | { readonly text: string; readonly form: LiteralForm } | readonly Literal[];

/** `name`: an enum value of SDL; `string`: a quoted text; `code`: a string of a code-first schema. */
export type LiteralForm = 'name' | 'string' | 'code' | 'other';

/**
 * Returns every directive on the element, repeated ones included: from SDL, from `extend`, from
 * `extensions.directives`.
 */
export function appliedDirectives(element: SchemaElement): AppliedDirective[] {
  const inCode = fromExtensions(element.extensions['directives']);
  const names = new Set(inCode.map(({ name }) => name));
  const inNodes = element.nodes.flatMap((node) => node.directives ?? []);
  return [...inNodes.map((node) => fromNode(node, names)), ...inCode];
}

/**
 * Reads a directive of a node. A node without a place in a source repeats what the extensions say if they name the same
 * directive: Pothos writes such nodes, with strings for enum values and without a declaration.
 */
function fromNode(node: ConstDirectiveNode, inCode: ReadonlySet<string>): AppliedDirective {
  const origin = node.loc === undefined && inCode.has(node.name.value) ? 'code' : 'sdl';
  const args = (node.arguments ?? []).map(({ name, value }) => [name.value, literalOfNode(value, origin)] as const);
  return { name: node.name.value, origin, args: new Map(args) };
}

function literalOfNode(node: ConstValueNode, origin: AppliedDirective['origin']): Literal {
  if (node.kind === Kind.NULL) {
    return null;
  }
  if (node.kind === Kind.LIST) {
    return node.values.map((value) => literalOfNode(value, origin));
  }
  if (node.kind === Kind.ENUM) {
    return { text: node.value, form: 'name' };
  }
  return node.kind === Kind.STRING
    ? { text: node.value, form: origin === 'code' ? 'code' : 'string' }
    : { text: print(node), form: 'other' };
}

/**
 * Reads the forms that code-first libraries write: `{ auth: args }`, `{ auth: [args, args] }` for repeatable directives,
 * or `[{ name: 'auth', args }]`. Other forms are for {@link malformedDirectives}.
 */
function fromExtensions(directives: unknown): AppliedDirective[] {
  if (Array.isArray(directives)) {
    return directives.flatMap((entry: unknown) =>
      isPlain(entry) && typeof entry['name'] === 'string' ? [fromCode(entry['name'], entry['args'] ?? {})] : [],
    );
  }
  if (!isPlain(directives)) {
    return [];
  }
  return Object.entries(directives).flatMap(([name, args]) =>
    (Array.isArray(args) ? args : [args]).map((one: unknown) => fromCode(name, one)),
  );
}

const FORMS = 'write { auth: { requires: ["ADMIN"] } } or [{ name: "auth", args: { requires: ["ADMIN"] } }]';

/**
 * Returns what is wrong with the form of `extensions.directives`, and the other places where a directive of ours was
 * probably meant to be: whatever could not be read must not be ignored.
 */
export function malformedDirectives({ extensions }: SchemaElement, words: Vocabulary): string[] {
  const read = new Set(fromExtensions(extensions['directives']).map(({ name }) => name));
  return Object.keys(extensions)
    .flatMap((key) => misplacedIn(extensions, key, words, read))
    .map((place) => `extensions.${place} is not read; write it below extensions.directives`)
    .concat(malformedValue(extensions['directives'], words));
}

/**
 * Returns the places below a key of `extensions` that look as if they held directives: `directive`, `auth`, `@public`, and
 * the `directives` of a builder whose plugin for directives is missing.
 */
function misplacedIn(
  extensions: SchemaElement['extensions'],
  key: string,
  words: Vocabulary,
  read: ReadonlySet<string>,
): string[] {
  const { names, ignored } = words;
  if (key === 'directives' || ignored.has(key)) {
    return [];
  }
  const isOurs = key === names.auth || (key.startsWith('@') && Object.values(names).includes(key.slice(1)));
  if (isOurs || /^(applied_?)?directives?$/i.test(key)) {
    return [key];
  }
  const value = extensions[key];
  // A key of digits is one of `extensions` that were written as a list.
  const inner = /directive|^\d+$/i.test(key) ? value : isPlain(value) ? value['directives'] : undefined;
  const isDropped = mentioned(inner).some((name) => directiveNamed(name, words) !== null && !read.has(name));
  return isDropped ? [inner === value ? key : `${key}.directives`] : [];
}

/** Returns the names of directives that a value has in it, as a key, as a text, or as the name of an entry. */
function mentioned(value: unknown, depth = 2): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  if (depth < 0 || !isRecord(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    [key].concat(isNaming(key) ? mentioned(inner, depth - 1) : []),
  );
}

/** Tells whether the value of a property may be a directive, or its name: `{ name: 'auth' }`, `{ 0: { name: 'auth' } }`. */
function isNaming(key: string): boolean {
  return /^(\d+|name|value|directive|directives)$/.test(key);
}

function malformedValue(directives: unknown, words: Vocabulary): string[] {
  if (directives === undefined || directives === null) {
    return [];
  }
  if (Array.isArray(directives)) {
    const isWrong = (entry: unknown): boolean => !isPlain(entry) || typeof entry['name'] !== 'string';
    if (directives.some(isWrong)) {
      return [`extensions.directives has an entry without a name; ${FORMS}`];
    }
    const entries = (directives as object[]).filter((entry) => directiveNamed(nameOf(entry), words) !== null);
    const others = entries.flatMap((entry) => Reflect.ownKeys(entry).filter((key) => key !== 'name' && key !== 'args'));
    return others.map((key) => `extensions.directives has an entry with ${String(key)}, which is not read; ${FORMS}`);
  }
  if (!isPlain(directives)) {
    return [`extensions.directives is ${kindOf(directives)}; ${FORMS}`];
  }
  if (Reflect.ownKeys(directives).length !== Object.keys(directives).length) {
    return [`extensions.directives has properties that are hidden; ${FORMS}`];
  }
  const empty = Object.entries(directives).filter(([, args]) => Array.isArray(args) && args.length === 0);
  const nested = Object.entries(directives).filter(
    ([key, inner]) => isNaming(key) && mentioned(inner).some((name) => directiveNamed(name, words) !== null),
  );
  return [
    ...empty.map(([name]) => `extensions.directives.${name} is an empty list; ${FORMS}`),
    ...nested.map(([name]) => `extensions.directives.${name} is not a directive; ${FORMS}`),
  ];
}

function nameOf(entry: object): string {
  return 'name' in entry && typeof entry.name === 'string' ? entry.name : '';
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return `a ${typeof value}`;
  }
  const { constructor } = value;
  return typeof constructor === 'function' ? `a ${constructor.name}` : 'not a plain object';
}

/** Tells whether a value is a plain object: not an array, a Map, a Set, an instance of a class, or derived from another. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value) || Array.isArray(value)) {
    return false;
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.hasOwn(prototype, 'isPrototypeOf');
}

function fromCode(name: string, args: unknown): AppliedDirective {
  if (args === true) {
    return { name, origin: 'code', args: new Map() };
  }
  // A property that is hidden would be a requirement that is dropped.
  const entries =
    isPlain(args) && Reflect.ownKeys(args).length === Object.keys(args).length ? Object.entries(args) : null;
  return {
    name,
    origin: 'code',
    args: entries && new Map(entries.map(([key, value]) => [key, literalOfValue(value)])),
  };
}

function literalOfValue(value: unknown): Literal {
  if (value === null || value === undefined) {
    return null;
  }
  if (Array.isArray(value)) {
    return Array.from(value, literalOfValue);
  }
  return typeof value === 'string' ? { text: value, form: 'code' } : { text: `a ${typeof value}`, form: 'other' };
}
