import { Kind, parse, type SelectionSetNode } from 'graphql';
import { expect, test } from 'vitest';
import { createEnterOnce, fragmentsOf, type SelectionReader, walkSelections } from '../../src/access/selections.ts';

// Limits, the operation cache, the executor, lists and explanations read operations with this walker.

interface Place {
  readonly depth: number;
}

/** Walks through the operation of a document, and returns what the reader is given in order. */
function walked(source: string, reader: Partial<SelectionReader<Place>> = {}): string[] {
  const document = parse(source);
  const seen: string[] = [];
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  walkSelections<Place>(operation?.selectionSet as SelectionSetNode, { depth: 0 }, fragmentsOf(document), {
    field: ({ name }, { depth }) => seen.push(`${name.value} ${depth}`),
    enter: (_fragment, { depth }) => ({ depth: depth + 1 }),
    leave: (fragment) => seen.push(`end of ${fragment.kind === Kind.INLINE_FRAGMENT ? '...' : fragment.name.value}`),
    ...reader,
  });
  return seen;
}

const SOURCE = `{ a ...F ... { b } ...Missing z } fragment F on T { c ... on T { d { below } } } fragment Unused on T { e }`;

test('fragments stand where they are spread, and fields are not walked below', () => {
  expect(walked(SOURCE)).toEqual(['a 0', 'c 1', 'd 2', 'end of ...', 'end of F', 'b 1', 'end of ...', 'z 0']);
});

test('a selection or a fragment may be left out', () => {
  expect(walked(SOURCE, { select: (node) => node.kind === Kind.FIELD })).toEqual(['a 0', 'z 0']);
  const named = { enter: ({ kind }, place) => (kind === Kind.INLINE_FRAGMENT ? null : place) } satisfies Partial<
    SelectionReader<Place>
  >;
  expect(walked(SOURCE, named)).toEqual(['a 0', 'c 0', 'end of F', 'z 0']);
});

test('a reader that needs no more may take fields only', () => {
  const seen: string[] = [];
  const document = parse('query F { ...F } fragment F on T { a }');
  const [operation] = document.definitions;
  if (operation?.kind === Kind.OPERATION_DEFINITION) {
    walkSelections(operation.selectionSet, document, fragmentsOf(document), {
      field: ({ name }) => seen.push(name.value),
      enter: (_fragment, place) => place,
    });
  }
  expect(seen).toEqual(['a']);
});

test('cycles end where each named fragment is entered once', () => {
  const source = `{ ...F ... { a } ... { a } ...F } fragment F on T { b ...G } fragment G on T { c ...F ...G }`;
  expect(walked(source, { enter: createEnterOnce(), leave: () => undefined })).toEqual(['b 0', 'c 0', 'a 0', 'a 0']);
  const fragment = { kind: Kind.INLINE_FRAGMENT, selectionSet: { kind: Kind.SELECTION_SET, selections: [] } } as const;
  const enter = createEnterOnce<Place>();
  expect([enter(fragment, { depth: 7 }), enter(fragment, { depth: 8 })]).toEqual([{ depth: 7 }, { depth: 8 }]);
});
