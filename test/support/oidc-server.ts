import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Provider, type Adapter } from 'oidc-provider';

type Handler = ReturnType<Provider['callback']>;

/** A real OpenID provider on a loopback port, whose access tokens are JSON Web Tokens. */
export type OidcServer = {
  readonly issuer: string;
  /** Gets an access token for an audience, by the client credentials grant (RFC 6749 §4.4, RFC 8707). */
  readonly token: (audience: string) => Promise<string>;
  /** Signs with a new key from now on; the old one stays published, or is withdrawn. */
  readonly rotate: (oldKey: 'stays' | 'is withdrawn') => Promise<void>;
  readonly goDown: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
  /** The number of requests for the key set. */
  readonly keySetRequests: () => number;
};

const client = { client_id: 'machine', client_secret: 'a secret of the machine, and of no person' };

/** Starts a provider that puts these claims into its tokens. */
export async function startOidcServer(claims: Record<string, unknown>): Promise<OidcServer> {
  const state = { keys: [await buildKey('key-0')], keySetRequests: 0, rotations: 0 };
  let handle: Handler;
  const server = createServer((request, response) => {
    state.keySetRequests += request.url === '/jwks' ? 1 : 0;
    void handle(request, response);
  });
  const port = await listen(server, 0);
  const issuer = `http://127.0.0.1:${port}`;
  handle = buildProvider(issuer, state.keys, claims).callback();
  return {
    issuer,
    keySetRequests: () => state.keySetRequests,
    token: async (audience) => requestToken(issuer, audience),
    async rotate(oldKey) {
      state.rotations += 1;
      const key = await buildKey(`key-${state.rotations}`);
      state.keys = oldKey === 'stays' ? [key, ...state.keys] : [key];
      handle = buildProvider(issuer, state.keys, claims).callback();
    },
    async goDown() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async comeBack() {
      await listen(server, port);
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function buildKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}

/** Tokens that are JSON Web Tokens are not stored; the provider's own store would warn that it is one for demos. */
const nothingStored: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
};

function buildProvider(issuer: string, keys: readonly JWK[], claims: Record<string, unknown>): Provider {
  return new Provider(issuer, {
    clients: [{ ...client, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    adapter: () => nothingStored,
    jwks: { keys: [...keys] },
    cookies: { keys: ['not used'] },
    extraTokenClaims: () => claims,
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, audience) => ({ audience, scope: '', accessTokenFormat: 'jwt' }),
      },
    },
  });
}

async function requestToken(issuer: string, audience: string): Promise<string> {
  const body = new URLSearchParams({ ...client, grant_type: 'client_credentials', resource: audience });
  const response = await fetch(`${issuer}/token`, { method: 'POST', body });
  const answer: { access_token?: string } = JSON.parse(await response.text());
  if (answer.access_token === undefined) {
    throw new Error(`No token: ${JSON.stringify(answer)}`);
  }
  return answer.access_token;
}
