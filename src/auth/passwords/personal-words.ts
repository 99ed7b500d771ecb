/** What is known of whoever chooses a password; guesses start there. */
export type PasswordOwner = {
  readonly username?: string | null;
  readonly email?: string | null;
  readonly displayName?: string | null;
};

/** Shorter parts of a name ("Li", "de") stand in too many passwords by chance. */
const MIN_WORD_LENGTH = 3;

/**
 * The words that a password may not be made of, in lower case and without doubles: names and addresses as a whole,
 * as a whole without separators, and in parts ("alice.smith84": "alicesmith84", "alice", "smith"); each also
 * without its accents.
 */
export function personalWords(owner: PasswordOwner, serviceName: string): readonly string[] {
  const [localPart = '', domain = ''] = owner.email?.split('@') ?? [];
  const [, ...labels] = domain.split('.').toReversed();
  const names = [owner.username, owner.displayName, owner.email, localPart, domain, ...labels, serviceName];
  const words = names
    .map((name) => name?.normalize('NFKC').toLowerCase() ?? '')
    .flatMap((name) => [name, withoutAccents(name)])
    .flatMap((name) => [name, squeeze(name), name.match(/\p{L}+/gu) ?? []].flat());
  return [...new Set(words)].filter((word) => word.length >= MIN_WORD_LENGTH);
}

/** Leaves letters and digits: what separators and marks are put between is still one word. */
export function squeeze(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function withoutAccents(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
}
