import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** The differences from an honest response: each is refused, except for the counter. */
export interface Tweaks {
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly rpId?: string;
  readonly challenge?: string;
  /** The operation that the browser says it has done. */
  readonly type?: string;
  /** False: the authenticator was used without a PIN or a finger. */
  readonly verified?: boolean;
  /** False if the user did not touch the authenticator. */
  readonly present?: boolean;
  readonly counter?: number;
  /** The user whom the passkey names; null: none. */
  readonly userHandle?: string | null;
  /** The statement of an attestation, beside its format. */
  readonly statement?: Readonly<Record<string, unknown>>;
  readonly format?: string;
}

/** The response of a browser, as `toJSON` gives it. */
export interface BrowserResponse {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: Readonly<Record<string, string>>;
}

interface Options {
  readonly challenge: string;
  readonly rpId?: string;
  readonly rp?: { readonly id: string };
  readonly user?: { readonly id: string };
}

/** CBOR (RFC 8949), as much of it as an authenticator writes: texts, bytes, integers, lists and maps. */
function cbor(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) {
    return Buffer.concat([head(2, value.length), value]);
  }
  if (typeof value === 'string') {
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  }
  if (typeof value === 'number') {
    return value < 0 ? head(1, -1 - value) : head(0, value);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, member]) => [cbor(key), cbor(member)])]);
}

function head(major: number, length: number): Buffer {
  if (length < 24) {
    return Buffer.from([major * 32 + length]);
  }
  return length < 256
    ? Buffer.from([major * 32 + 24, length])
    : Buffer.from([major * 32 + 25, Math.floor(length / 256), length % 256]);
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');
const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

/** The public key as COSE has it (RFC 9053 §7.1): ES256. */
function coseOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  );
}

/** An authenticator in software, with one passkey at most, and the browser around it on a page of the origin. */
export class Authenticator {
  readonly #id: Buffer;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #origin: string;
  #handle: string | null = null;
  #counter = 0;

  constructor(origin = 'http://localhost:4000', id = randomBytes(32)) {
    this.#origin = origin;
    this.#id = id;
  }

  get id(): string {
    return base64url(this.#id);
  }

  /** Makes the passkey, with attestation "none" unless another is wanted. */
  create(options: unknown, tweaks: Tweaks = {}): BrowserResponse {
    const { challenge, rp, user } = options as Options;
    this.#handle = user?.id ?? null;
    const length = Buffer.from([Math.floor(this.#id.length / 256), this.#id.length % 256]);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.#id, coseOf(this.#keys.publicKey)]);
    const authData = Buffer.concat([this.#authData(rp?.id ?? '', 0x40, tweaks), attested]);
    const attestation = cbor({ fmt: tweaks.format ?? 'none', attStmt: tweaks.statement ?? {}, authData });
    return this.#response({
      clientDataJSON: this.#clientData('webauthn.create', challenge, tweaks),
      attestationObject: base64url(attestation),
    });
  }

  /** Signs a challenge with the passkey. */
  get(options: unknown, tweaks: Tweaks = {}): BrowserResponse {
    const { challenge, rpId = '' } = options as Options;
    const authData = this.#authData(rpId, 0, tweaks);
    const clientDataJSON = this.#clientData('webauthn.get', challenge, tweaks);
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    const userHandle = tweaks.userHandle === undefined ? this.#handle : tweaks.userHandle;
    return this.#response({
      clientDataJSON,
      authenticatorData: base64url(authData),
      signature: base64url(sign('sha256', signed, this.#keys.privateKey)),
      ...(userHandle === null ? {} : { userHandle }),
    });
  }

  #response(response: Readonly<Record<string, string>>): BrowserResponse {
    return { id: this.id, rawId: this.id, type: 'public-key', response };
  }

  #authData(rpId: string, flags: number, tweaks: Tweaks): Buffer {
    const { present = true, verified = true } = tweaks;
    this.#counter = tweaks.counter ?? this.#counter + 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    return Buffer.concat([
      sha256(tweaks.rpId ?? rpId),
      Buffer.from([flags + (present ? 1 : 0) + (verified ? 4 : 0)]),
      counter,
    ]);
  }

  #clientData(type: string, challenge: string, tweaks: Tweaks): string {
    const data = {
      type: tweaks.type ?? type,
      challenge: tweaks.challenge ?? challenge,
      origin: tweaks.origin ?? this.#origin,
      crossOrigin: tweaks.crossOrigin ?? false,
    };
    return base64url(Buffer.from(JSON.stringify(data)));
  }
}
