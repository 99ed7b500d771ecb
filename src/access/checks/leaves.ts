import { getNamedType, isLeafType } from 'graphql';
import type { FieldsType } from '../policy/connections.ts';
import type { ReadTable } from '../policy/field-checks.ts';
import { formsOf, isOperator, readingsOf, wordsOf } from './filter-names.ts';
import { type Kind, kindOf } from './probe-words.ts';

/** A field of a leaf type. */
export interface Leaf {
  readonly coordinate: string;
  readonly type: string;
  /** `own`: requires more than its object does; `type`: as much as its object; `open`: nothing. */
  readonly guard: 'own' | 'type' | 'open';
  readonly kind: Kind;
}

/** The fields and types of a schema by the words of their names, joined, in the singular and the plural. */
export interface KnownNames {
  readonly leaves: ReadonlyMap<string, readonly Leaf[]>;
  readonly types: ReadonlyMap<string, readonly string[]>;
  /** All fields, also those that return objects. */
  readonly fields: ReadonlySet<string>;
  /** The fields that arguments are named after, as far as they were looked up. */
  readonly called: Map<string, readonly Called[]>;
}

/** Collects the names of the fields and types of a schema. */
export function knownNames({ rules }: ReadTable, types: readonly FieldsType[]): KnownNames {
  const leaves = new Map<string, Leaf[]>();
  const named = new Map<string, string[]>();
  const fields = new Set<string>();
  for (const type of types) {
    keysOf(wordsOf(type.name)).forEach((key) => add(named, key, type.name));
    for (const field of Object.values(type.getFields())) {
      const keys = keysOf(wordsOf(field.name));
      keys.forEach((key) => fields.add(key));
      const coordinate = `${type.name}.${field.name}`;
      const rule = rules.get(coordinate);
      if (rule !== undefined && isLeafType(getNamedType(field.type))) {
        const guard = rule.adds.length > 0 ? 'own' : rule.requirements.length > 0 ? 'type' : 'open';
        keys.forEach((key) => add(leaves, key, { coordinate, type: type.name, guard, kind: kindOf(field.type) }));
      }
    }
  }
  return { leaves, types: named, fields, called: new Map() };
}

function keysOf(words: readonly string[]): string[] {
  return words.length === 0 ? [] : formsOf(words.at(-1) ?? '').map((form) => [...words.slice(0, -1), form].join(' '));
}

function add<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key) ?? [];
  values.push(value);
  map.set(key, values);
}

/** Returns the parts of a list of words that follow each other, the longest first. */
export function runsOf(words: readonly string[]): string[][] {
  const runs: string[][] = [];
  for (let length = words.length; length > 0; length -= 1) {
    for (let start = 0; start + length <= words.length; start += 1) {
      runs.push(words.slice(start, start + length));
    }
  }
  return runs;
}

/** Returns the types that a field is named after: those with the longest name. */
export function typesNamedIn({ types }: KnownNames, words: readonly string[]): readonly string[] {
  return (
    runsOf(words)
      .map((run) => types.get(run.join(' ')))
      .find((found) => found !== undefined) ?? []
  );
}

/** A name of an argument that is that of fields. */
export interface Called {
  readonly words: readonly string[];
  readonly leaves: readonly Leaf[];
}

/**
 * Returns the fields that an argument is named after, if one of them is guarded: `email`, `byEmail`, `emails`, `emailContains`, and after the name of a
 * type or of a field that leads to objects, `userEmail`.
 */
export function leavesCalled(known: KnownNames, argument: string): readonly Called[] {
  const before = known.called.get(argument);
  if (before !== undefined) {
    return before;
  }
  const called = readingsOf(argument)
    .flatMap((reading) => leavesNamed(known, reading) ?? [])
    .filter(({ leaves }) => leaves.some(({ guard }) => guard !== 'open'));
  known.called.set(argument, called);
  return called;
}

/** Returns the fields that words name, alone, before an operator, or after the name of a type or of another field. */
export function leavesNamed(known: KnownNames, words: readonly string[]): Called | null {
  const found = leadingLeaves(known, words);
  if (found !== null) {
    return found;
  }
  for (let start = 1; start < words.length; start += 1) {
    const first = words.slice(0, start).join(' ');
    const rest = leadingLeaves(known, words.slice(start));
    const types = known.types.get(first);
    if (rest !== null && (types !== undefined || known.fields.has(first))) {
      return { words: rest.words, leaves: rest.leaves.filter(({ type }) => types?.includes(type) ?? true) };
    }
  }
  return null;
}

/** Returns the fields that words begin with, if only operators follow: `email starts with`. */
function leadingLeaves({ leaves }: KnownNames, words: readonly string[]): Called | null {
  for (let end = words.length; end > 0; end -= 1) {
    const found = leaves.get(words.slice(0, end).join(' '));
    if (found !== undefined) {
      return { words: words.slice(0, end), leaves: found };
    }
    if (!isOperator(words[end - 1] ?? '')) {
      return null;
    }
  }
  return null;
}
