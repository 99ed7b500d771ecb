import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type FieldNode, Kind, type DocumentNode, type SelectionNode, type SelectionSetNode } from 'graphql';

/** A field that a document asks for only if the viewer may reach it: `@include(if: $flag)`. */
export type Flags = Readonly<Record<string, boolean>>;

function flagOf(selection: SelectionNode): string | null {
  const include = selection.directives?.find(({ name }) => name.value === 'include');
  const value = include?.arguments?.[0]?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : null;
}

function stripSelections(set: SelectionSetNode, flags: Flags): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    const flag = flagOf(selection);
    if (flag !== null && flags[flag] === false) {
      return [];
    }
    const directives = flag !== null && flag in flags ? [] : (selection.directives ?? []);
    if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) {
      return [{ ...selection, directives }];
    }
    const inner = stripSelections(selection.selectionSet, flags);
    return [{ ...(selection as FieldNode), directives, selectionSet: inner }];
  });
  return { ...set, selections };
}

function stripDocument(document: DocumentNode, flags: Flags): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      if (definition.kind === Kind.OPERATION_DEFINITION) {
        const variableDefinitions = definition.variableDefinitions?.filter(
          ({ variable }) => !(variable.name.value in flags),
        );
        const selectionSet = stripSelections(definition.selectionSet, flags);
        return { ...definition, ...(variableDefinitions && { variableDefinitions }), selectionSet };
      }
      return definition.kind === Kind.FRAGMENT_DEFINITION
        ? { ...definition, selectionSet: stripSelections(definition.selectionSet, flags) }
        : definition;
    }),
  };
}

const stripped = new WeakMap<DocumentNode, Map<string, DocumentNode>>();

/**
 * Returns the document without the fields whose flag is false, and without the flags. What a viewer may not reach is not
 * asked for, so that nothing of it is in an answer, and the document is valid where such fields are hidden.
 */
export function strip<Result, Variables>(
  document: TypedDocumentNode<Result, Variables>,
  flags: Flags,
): TypedDocumentNode<Result, Variables> {
  const known = stripped.get(document) ?? new Map<string, DocumentNode>();
  stripped.set(document, known);
  const key = JSON.stringify(flags);
  const made = known.get(key) ?? stripDocument(document, flags);
  known.set(key, made);
  return made;
}
