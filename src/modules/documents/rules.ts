import { holds, type SignedInViewer } from '../../lib/viewer.ts';
import type { Document } from '../../database/entities/index.ts';
import { requireName, requireText } from '../../lib/names.ts';

const LONGEST_CONTENT = 50_000;

/** Returns true if the viewer may change, or delete, a document: its author, or a holder of the permission. */
export function mayChange(
  viewer: SignedInViewer,
  { author }: Pick<Document, 'author'>,
  permission: 'documents:write' | 'documents:delete',
): boolean {
  return author === viewer.id || holds(viewer, permission);
}

/** @throws {BadUserInput} as {@link requireName} */
export function requireTitle(text: string): string {
  return requireName(text, { what: 'A title', field: 'input.title' });
}

/** @throws {BadUserInput} as {@link requireText} */
export function requireContent(text: string): string {
  return requireText(text, { what: 'A text', field: 'input.content', longest: LONGEST_CONTENT });
}
