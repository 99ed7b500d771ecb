/** The media types of responses. Without a preference of the client the first is sent. */
const TYPES = [
  { type: 'application', subtype: 'json', charset: 'utf-8' },
  { type: 'application', subtype: 'graphql-response+json', charset: 'utf-8' },
] as const;

/** A part of an `Accept` header. */
interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
  readonly at: number;
}

/** A type that a client accepts: as how much, by how specific a range, which is at this place. */
interface Match {
  readonly name: string;
  readonly quality: number;
  readonly specificity: number;
  readonly at: number;
}

/**
 * Returns the media type in which a client prefers a response (RFC 9110 §12.5.1), as Apollo Server chooses it; null if it
 * accepts none that we send.
 */
export function mediaTypeFor(accept: string | undefined): string | null {
  if (accept === undefined || accept === '') {
    return nameOf(TYPES[0]);
  }
  const ranges = accept.split(',').flatMap((text, at) => readRange(text, at) ?? []);
  const matches = TYPES.flatMap((type) => matchOf(type, ranges) ?? []);
  const [best] = matches.toSorted(
    (one, other) => other.quality - one.quality || other.specificity - one.specificity || one.at - other.at,
  );
  return best?.name ?? null;
}

function nameOf({ type, subtype, charset }: (typeof TYPES)[number]): string {
  return `${type}/${subtype}; charset=${charset}`;
}

function readRange(text: string, at: number): Range | null {
  const [, type, subtype, rest = ''] = /^\s*([^\s/;]+)\/([^;\s]+)\s*(?:;(.*))?$/.exec(text.toLowerCase()) ?? [];
  if (type === undefined || subtype === undefined) {
    return null;
  }
  const parameters = new Map<string, string>();
  for (const part of rest.split(';')) {
    const [name = '', value = ''] = part.split('=', 2).map((word) => word.trim());
    if (name !== '') {
      parameters.set(name, value.replace(/^"(.*)"$/, '$1'));
    }
  }
  const quality = Number.parseFloat(parameters.get('q') || '1');
  parameters.delete('q');
  return { type, subtype, parameters, quality, at };
}

/** Returns how the most specific of the ranges accepts a type. */
function matchOf(type: (typeof TYPES)[number], ranges: readonly Range[]): Match | null {
  const matches = ranges.flatMap((range): Match[] => {
    const specificity = specificityOf(type, range);
    return specificity === null ? [] : [{ name: nameOf(type), specificity, quality: range.quality, at: range.at }];
  });
  const [best] = matches.toSorted(
    (one, other) => other.specificity - one.specificity || other.quality - one.quality || other.at - one.at,
  );
  return best !== undefined && best.quality > 0 ? best : null;
}

function specificityOf(sent: (typeof TYPES)[number], { type, subtype, parameters }: Range): number | null {
  if (!isMatch(type, sent.type) || !isMatch(subtype, sent.subtype)) {
    return null;
  }
  const hasParameters = [...parameters].every(([name, value]) =>
    isMatch(value, name === 'charset' ? sent.charset : ''),
  );
  return hasParameters ? Number(type !== '*') * 4 + Number(subtype !== '*') * 2 + Number(parameters.size > 0) : null;
}

function isMatch(wanted: string, sent: string): boolean {
  return wanted === sent || wanted === '*';
}
