import Negotiator from 'negotiator';

const JSON_TYPE = 'application/json; charset=utf-8';
const TYPES = [JSON_TYPE, 'application/graphql-response+json; charset=utf-8'];

/**
 * Returns the media type in which a client prefers a response (RFC 9110 §12.5.1), as Apollo Server chooses it; null if it
 * accepts none that we send. A client without a preference gets JSON.
 */
export function mediaTypeFor(accept: string | undefined): string | null {
  return accept ? (new Negotiator({ headers: { accept } }).mediaType(TYPES) ?? null) : JSON_TYPE;
}
