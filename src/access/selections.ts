import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** A fragment, inline or named. */
export type Fragment = InlineFragmentNode | FragmentDefinitionNode;

/** Finds a named fragment of the document. */
export type FindFragment = (name: string) => FragmentDefinitionNode | undefined;

/**
 * A reader of the selections of one place in an operation. A place is any value that the reader keeps about where it
 * is, such as the parent type; fragments may change it.
 */
export interface SelectionReader<Place extends object> {
  /** Called with each selection before it is followed; `false` leaves it out. */
  readonly select?: (node: SelectionNode, place: Place) => boolean;
  readonly field: (node: FieldNode, place: Place) => void;
  /** Returns the place inside of a fragment; null if the fragment is not entered. */
  readonly enter: (fragment: Fragment, place: Place) => Place | null;
  readonly leave?: (fragment: Fragment) => void;
}

/**
 * Walks through selections in the order of the document, with fragments expanded where they stand, as execution does
 * (GraphQL §6.3.2). It stops at fields: their reader decides whether to walk on below them. Unknown fragments, which
 * validation reports, are left out.
 */
export function walkSelections<Place extends object>(
  { selections }: SelectionSetNode,
  place: Place,
  find: FindFragment,
  reader: SelectionReader<Place>,
): void {
  for (const selection of selections) {
    if (reader.select?.(selection, place) === false) {
      continue;
    }
    if (selection.kind === Kind.FIELD) {
      reader.field(selection, place);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : find(selection.name.value);
    const inside = fragment === undefined ? null : reader.enter(fragment, place);
    if (fragment !== undefined && inside !== null) {
      walkSelections(fragment.selectionSet, inside, find, reader);
      reader.leave?.(fragment);
    }
  }
}

/** Creates an `enter` that keeps the place, and enters each named fragment at most once: cycles end there. */
export function createEnterOnce<Place extends object>(): SelectionReader<Place>['enter'] {
  const entered = new Set<Fragment>();
  return (fragment, place) => {
    const isKnown = fragment.kind === Kind.FRAGMENT_DEFINITION && entered.has(fragment);
    entered.add(fragment);
    return isKnown ? null : place;
  };
}

/** Returns a finder for the fragments of a document. */
export function fragmentsOf({ definitions }: DocumentNode): FindFragment {
  const fragments = new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  );
  return (name) => fragments.get(name);
}
