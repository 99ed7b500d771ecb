import { generateKeyPairSync } from 'node:crypto';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { AttestationObject } from '@simplewebauthn/server/helpers';
import { isRecord } from '../../access/values.ts';
import type { RelyingParty } from '../../config/config.ts';

/** The signatures that authenticators make (RFC 9053): EdDSA, ES256 and RS256. */
export const ALGORITHMS = [-8, -7, -257];

/** Browsers send some hundred bytes a part, and attestations a few thousand. */
const LONGEST_PART = 10_000;
/** WebAuthn §4, "Credential ID". */
const LONGEST_CREDENTIAL_ID = 1_364;
const BASE64URL = /^[\w-]+$/;
/** The pages of this machine, on any port, which belong to the relying party `localhost`. */
const LOCAL_PAGE = /^https?:\/\/localhost(?::\d{1,5})?$/;

/** A new passkey, as its authenticator describes it. */
export interface NewCredential {
  readonly credentialId: string;
  /** A COSE key in base64url. */
  readonly publicKey: string;
  readonly counter: number;
}

/** The response of an authenticator that made a key pair. */
export interface Attestation {
  /** The challenge that it signs, still to be looked up; empty if the response is malformed. */
  readonly challenge: string;
  /** Returns the passkey, or null if the response is not valid. */
  readonly verify: () => Promise<NewCredential | null>;
}

/** The response of an authenticator that signed a challenge. */
export interface Assertion {
  /** The challenge that was signed, still to be looked up; empty if the response is malformed. */
  readonly challenge: string;
  readonly credentialId: string;
  /** The user to whom the passkey belongs, as the authenticator knows it; null: it does not say. */
  readonly userId: string | null;
  /**
   * Returns the counter of the authenticator, or null if the response is not valid. Without a key it verifies by another,
   * so that an unknown passkey takes the time of a known one.
   */
  readonly verify: (publicKey: string | null) => Promise<number | null>;
}

/** Returns the id of a user as authenticators store it: the bytes of the UUID, in base64url. */
export function handleOf(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');
}

function userOf(handle: string): string | null {
  const [, a, b, c, d, e] =
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(Buffer.from(handle, 'base64url').toString('hex')) ?? [];
  return a === undefined ? null : [a, b, c, d, e].join('-');
}

/** Returns a part of a response, which is base64url; empty for anything else. */
function part(value: unknown, longest = LONGEST_PART): string {
  return typeof value === 'string' && value.length <= longest && BASE64URL.test(value) ? value : '';
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? { ...value } : {};
}

/** Reads the page and the challenge as the browser reports them; the authenticator signs both (WebAuthn §5.8.1). */
function clientDataOf(encoded: string): { readonly challenge: string; readonly origin: string } {
  try {
    const data = membersOf(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
    const { challenge, origin, crossOrigin } = data;
    // A page of another origin must not use passkeys within a frame.
    return { challenge: part(challenge), origin: typeof origin === 'string' && crossOrigin !== true ? origin : '' };
  } catch {
    return { challenge: '', origin: '' };
  }
}

function isAllowed(origin: string, { id, origins }: RelyingParty): boolean {
  return id === 'localhost' ? LOCAL_PAGE.test(origin) : origins.includes(origin);
}

/** Reads the response to a registration. It never throws: what is malformed is not valid. */
export function readAttestation(rp: RelyingParty, value: unknown): Attestation {
  const { id, response: parts } = membersOf(value);
  const { clientDataJSON, attestationObject } = membersOf(parts);
  const response: RegistrationResponseJSON = {
    id: part(id, LONGEST_CREDENTIAL_ID),
    rawId: part(id, LONGEST_CREDENTIAL_ID),
    type: 'public-key',
    response: { clientDataJSON: part(clientDataJSON), attestationObject: part(attestationObject) },
    clientExtensionResults: {},
  };
  const { challenge, origin } = clientDataOf(response.response.clientDataJSON);
  return {
    challenge,
    async verify() {
      // Outside of the `try`: a server that cannot verify fails, and calls no passkey invalid for it.
      const [{ verifyRegistrationResponse }, { decodeAttestationObject }] = await Promise.all([
        import('@simplewebauthn/server'),
        import('@simplewebauthn/server/helpers'),
      ]);
      try {
        const bytes = new Uint8Array(Buffer.from(response.response.attestationObject, 'base64url'));
        requireNoCertificate(decodeAttestationObject(bytes));
        const { registrationInfo } = await verifyRegistrationResponse({
          response,
          expectedChallenge: () => true,
          expectedOrigin: isAllowed(origin, rp) ? origin : [],
          expectedRPID: rp.id,
          supportedAlgorithmIDs: ALGORITHMS,
        });
        const credential = registrationInfo?.credential;
        return credential === undefined || credential.id !== response.id
          ? null
          : {
              credentialId: credential.id,
              publicKey: Buffer.from(credential.publicKey).toString('base64url'),
              counter: credential.counter,
            };
      } catch {
        return null;
      }
    },
  };
}

/**
 * Checks that an attestation has no certificate. None was asked for, and the library would fetch the list of revocations
 * that one names, from wherever it says.
 */
function requireNoCertificate(decoded: AttestationObject): void {
  const isSelfMade = decoded.get('fmt') === 'packed' && decoded.get('attStmt').get('x5c') === undefined;
  if (decoded.get('fmt') !== 'none' && !isSelfMade) {
    throw new TypeError('The attestation has a certificate');
  }
}

/** Reads the response to a request for a passkey. It never throws: what is malformed is not valid. */
export function readAssertion(rp: RelyingParty, value: unknown): Assertion {
  const { id, response: parts } = membersOf(value);
  const { clientDataJSON, authenticatorData, signature, userHandle } = membersOf(parts);
  const response: AuthenticationResponseJSON = {
    id: part(id, LONGEST_CREDENTIAL_ID),
    rawId: part(id, LONGEST_CREDENTIAL_ID),
    type: 'public-key',
    response: {
      clientDataJSON: part(clientDataJSON),
      authenticatorData: part(authenticatorData),
      signature: part(signature),
    },
    clientExtensionResults: {},
  };
  const { challenge, origin } = clientDataOf(response.response.clientDataJSON);
  return {
    challenge,
    credentialId: response.id,
    userId: userHandle === undefined || userHandle === null ? null : (userOf(part(userHandle)) ?? ''),
    async verify(publicKey) {
      const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
      try {
        const key = new Uint8Array(publicKey === null ? ANOTHER_KEY : Buffer.from(publicKey, 'base64url'));
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response,
          expectedChallenge: () => true,
          expectedOrigin: isAllowed(origin, rp) ? origin : [],
          expectedRPID: rp.id,
          // The counter is compared when it is stored, after the signature and against concurrent uses.
          credential: { id: response.id, publicKey: key, counter: 0 },
        });
        return verified && publicKey !== null ? authenticationInfo.newCounter : null;
      } catch {
        return null;
      }
    },
  };
}

/** A COSE key (ES256) that belongs to no passkey. */
const ANOTHER_KEY = makeKey();

function makeKey(): Buffer {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const [start, between] = ['a5010203262001215820', '225820'].map((hex) => Buffer.from(hex, 'hex'));
  return Buffer.concat([
    start ?? '',
    Buffer.from(x, 'base64url'),
    between ?? '',
    Buffer.from(y, 'base64url'),
  ] as Buffer[]);
}
