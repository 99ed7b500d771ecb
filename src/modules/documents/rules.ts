import { holds, type SignedInViewer } from '../../lib/viewer.ts';
import type { Document } from '../../database/entities/index.ts';
import { BadUserInput } from '../../lib/errors.ts';
import { requireName } from '../../lib/names.ts';
import { isStorable } from '../../paging/condition.ts';

const LONGEST_CONTENT = 50_000;

/** Returns true for the viewers who may change, or delete, a document: its author, and holders of the permission. */
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

/** @throws {BadUserInput} when it is too long, or holds what no text can */
export function requireContent(text: string): string {
  if (text.length > LONGEST_CONTENT || !isStorable(text)) {
    throw new BadUserInput(`A text is at most ${LONGEST_CONTENT} characters, none of them NUL`, {
      field: 'input.content',
    });
  }
  return text;
}
