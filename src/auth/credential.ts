import { HttpRefusal } from '../errors.ts';

/** What a request offers to say who is asking. One credential a request. */
export type OfferedCredential = { readonly kind: 'none' } | { readonly kind: 'bearer'; readonly token: string };

/** The parts of a request that may hold a credential. Node joins repeated headers; the raw list shows each. */
export interface CredentialSource {
  readonly rawHeaders: readonly string[];
}

/**
 * Takes the credential out of a request (RFC 9110 §11.6.2, RFC 6750 §2.1). Query strings and bodies are never read.
 *
 * @throws {HttpRefusal} 400 when there are two, or the scheme is empty or unknown
 */
export function offeredCredential({ rawHeaders }: CredentialSource): OfferedCredential {
  const headers = rawHeaders.filter(
    (_, index) => rawHeaders[index - 1]?.toLowerCase() === 'authorization' && index % 2,
  );
  const [header] = headers;
  if (header === undefined) {
    return { kind: 'none' };
  }
  if (headers.length > 1) {
    throw badRequest('There are two Authorization headers: send one');
  }
  const [scheme = '', ...rest] = header.trim().split(/[ \t]+/);
  if (scheme.toLowerCase() !== 'bearer') {
    throw badRequest('The scheme of the Authorization header is not one of this server: use Bearer');
  }
  return { kind: 'bearer', token: rest.join(' ') };
}

function badRequest(message: string): HttpRefusal {
  return new HttpRefusal({ status: 400, code: 'BAD_REQUEST', message });
}
