import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { type AddressCheck, literalAddressOf } from './network.ts';

/** The time in which an endpoint must have answered, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** The largest number of bytes of a response that are read. They are discarded. */
const MOST_ANSWER = 16 * 1024;
const MOST_HEADERS = 16 * 1024;
/** The longest wait that an endpoint may ask for, in seconds. */
const MOST_RETRY_AFTER = 3_600;

/** The reason why a request failed. */
export type PostFailure = 'STATUS' | 'REDIRECT' | 'ADDRESS' | 'NAME' | 'CONNECTION' | 'TLS' | 'TIMEOUT';

/** The answer of an endpoint, or the reason why there is none. */
export interface PostAnswer {
  readonly status: number | null;
  readonly failure: PostFailure | null;
  /** The wait that the endpoint asks for, in seconds. */
  readonly retryAfter: number | null;
}

/** The name has no address that requests may go to. */
class AddressRefused extends Error {}

/** Posts JSON to an endpoint. It follows no redirect, and connects only to addresses that are allowed. */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<PostAnswer>;

/** Looks names up, as Node's own function does. */
export type LookUp = (
  host: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[] | undefined) => void,
) => void;

interface PostOptions {
  readonly timeoutMs?: number;
  readonly lookUp?: LookUp;
}

/** Creates the function that posts. */
export function createPost(
  addresses: AddressCheck,
  { timeoutMs = TIMEOUT_MS, lookUp = lookup }: PostOptions = {},
): Post {
  return async (url, headers, body) => {
    try {
      return answerOf(await send(new URL(url), { headers, body, addresses, timeoutMs, lookUp }));
    } catch (error) {
      return { status: null, failure: failureOf(error), retryAfter: null };
    }
  };
}

interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly addresses: AddressCheck;
  readonly timeoutMs: number;
  readonly lookUp: LookUp;
}

/** @throws {AddressRefused} and errors of the connection, of TLS, or of the name */
function send(url: URL, { headers, body, addresses, timeoutMs, lookUp }: Sending): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:';
  // http, without TLS, only within the networks that the operator has allowed.
  const isAllowed = isTls ? addresses.isAllowed : addresses.isAllowedNetwork;
  const literal = literalAddressOf(url);
  if (literal !== null && !isAllowed(literal)) {
    return Promise.reject(new AddressRefused());
  }
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    maxHeaderSize: MOST_HEADERS,
    signal: AbortSignal.timeout(timeoutMs),
    lookup: checkedLookup(isAllowed, lookUp),
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Rolegate-Webhooks',
    },
  };
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (isTls ? requestHttps : requestHttp)(url, options);
    request.on('socket', (socket) => checkPeer(socket, isAllowed));
    request.on('error', reject);
    request.on('response', (response) => {
      readSome(response);
      resolve(response);
    });
    request.end(body);
  });
}

/**
 * Resolves a name to its allowed addresses alone. The connection goes to the address that was checked: a name that
 * resolves differently the next time (DNS rebinding) gains nothing.
 */
function checkedLookup(isAllowed: (address: string) => boolean, lookUp: LookUp): LookupFunction {
  return (host, options, callback) => {
    lookUp(host, { ...options, all: true }, (error, found) => {
      const allowed = (found ?? []).filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (error !== null || first === undefined) {
        callback(error ?? new AddressRefused(), '', 0);
      } else if (options.all === true) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

/** Destroys a connection whose peer has an address that is not allowed. */
function checkPeer(socket: Socket, isAllowed: (address: string) => boolean): void {
  socket.once('connect', () => {
    if (!isAllowed(socket.remoteAddress ?? '')) {
      socket.destroy(new AddressRefused());
    }
  });
}

/** Reads the beginning of a response, so that the connection of a short one closes normally. */
function readSome(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER) {
      response.destroy();
    }
  });
}

function answerOf({ statusCode: status = 0, headers }: IncomingMessage): PostAnswer {
  const asked = /^\d{1,9}$/.test(headers['retry-after'] ?? '') ? Number(headers['retry-after']) : null;
  const isRedirect = status >= 300 && status < 400;
  return {
    status,
    failure: status >= 200 && status < 300 ? null : isRedirect ? 'REDIRECT' : 'STATUS',
    retryAfter: asked === null ? null : Math.min(asked, MOST_RETRY_AFTER),
  };
}

const NAME_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);

function failureOf(error: unknown): PostFailure {
  if (error instanceof AddressRefused) {
    return 'ADDRESS';
  }
  const { code = '', name = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (name === 'TimeoutError' || code === 'ABORT_ERR' || code === 'ETIMEDOUT') {
    return 'TIMEOUT';
  }
  if (NAME_CODES.has(code)) {
    return 'NAME';
  }
  return /CERT|TLS|SSL|EPROTO|SELF_SIGNED|UNABLE_TO/.test(code) ? 'TLS' : 'CONNECTION';
}
