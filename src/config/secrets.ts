const LEAST_BYTES = 32;
const LEAST_DISTINCT = 8;
/** A pattern shorter than this is no secret, however often it is repeated. */
const LEAST_PERIOD = 16;

/** What templates and tutorials put where a secret belongs, in lower case and without punctuation. */
const TEMPLATES =
  /change(me|this|it)|replace(me|this|with)|your(jwt|256bit|own)?secret|placeholder|insecure|donotuse|rolegatedemo/;

/** Words that make a secret longer and no harder to guess. */
const FILLERS = /secret|password|passwort|private|super|token|admin|jwt|key|sign(ing)?|test|dev|my|the/g;

/** Whether the text, or a part of it, is one that a template put there to be replaced. */
export function isPlaceholder(text: string): boolean {
  return TEMPLATES.test(text.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}

function isMostlyFillers(text: string): boolean {
  const rest = text.toLowerCase().replaceAll(FILLERS, '');
  return rest.length < text.length && rest.length < LEAST_PERIOD;
}

/** Length of the shortest pattern whose repetition the text is: "abcabca" has period 3 (Knuth, Morris, Pratt). */
function period(text: string): number {
  const border: number[] = [0];
  let matched = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (matched > 0 && text[at] !== text[matched]) {
      matched = border[matched - 1] ?? 0;
    }
    matched += text[at] === text[matched] ? 1 : 0;
    border[at] = matched;
  }
  return text.length - matched;
}

/** "abcdefgh", "98765": most characters follow from the one before. */
function isSequence(text: string): boolean {
  const codes = Array.from(text, (letter) => letter.charCodeAt(0));
  const steps = codes.filter((code, at) => Math.abs(code - (codes[at - 1] ?? code)) === 1);
  return steps.length > codes.length / 2;
}

/**
 * Why this text must not sign tokens, or null if nothing speaks against it.
 *
 * RFC 7518 §3.2 asks of an HS256 key at least as many bits as the hash has (32 bytes); RFC 8725 §3.5 that it is not a
 * password somebody can remember. Length is checked exactly, guessability by its usual signs. The answer never
 * contains the text.
 */
export function weaknessOf(secret: string): string | null {
  if (Buffer.byteLength(secret) < LEAST_BYTES) {
    return `is shorter than ${LEAST_BYTES} bytes`;
  }
  if (isPlaceholder(secret) || isMostlyFillers(secret)) {
    return 'is a placeholder from a template';
  }
  if (new Set(secret).size < LEAST_DISTINCT || period(secret) < LEAST_PERIOD) {
    return 'repeats a few characters';
  }
  return isSequence(secret) ? 'is a sequence of neighbouring characters' : null;
}
