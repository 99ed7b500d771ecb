import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { formatPosition, largest, parsePosition, type Position, type Replicas } from '../database/replicas.ts';

/** The header that carries a position: of the writes of a request, and of those that a later request has to see. */
export const POSITION_HEADER = 'rolegate-position';
/** The same for browsers, which send it by themselves. */
const POSITION_COOKIE = 'rolegate_position';

/** The seconds for which a browser keeps a position: a replica that lags longer is not used. */
const COOKIE_SECONDS = 60;

/** Lets the reads of requests use replicas. */
export interface Positions {
  /** Runs a request: its reads see what its client has written, on whichever process. */
  serve<T>(request: FastifyRequest, work: () => T): T;
}

/**
 * Reads positions from requests and writes them to responses, by header and by cookie.
 *
 * @param isHttps true if clients reach the server over https
 */
export function createPositions(
  fastify: FastifyInstance,
  replicas: Pick<Replicas, 'serve'>,
  isHttps: boolean,
): Positions {
  const written = new WeakMap<FastifyRequest, Position>();
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const position = written.get(request);
    if (position !== undefined) {
      const text = formatPosition(position);
      reply.header(POSITION_HEADER, text).header('set-cookie', cookieOf(text, isHttps));
    }
    done(null, payload);
  });
  return {
    serve: (request, work) =>
      replicas.serve(neededBy(request), (position) => void written.set(request, position), work),
  };
}

/** Returns the later of the positions that the request names; 0 if it names none. Any other text is ignored. */
function neededBy({ headers }: FastifyRequest): Position {
  const cookie = parseCookie(headers.cookie ?? '')[POSITION_COOKIE];
  const named = [headers[POSITION_HEADER], cookie];
  return largest(...named.map((text) => (typeof text === 'string' ? (parsePosition(text) ?? 0n) : 0n)));
}

function cookieOf(value: string, secure: boolean): string {
  const name = POSITION_COOKIE;
  return stringifySetCookie({
    name,
    value,
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: COOKIE_SECONDS,
  });
}
