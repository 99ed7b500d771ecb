import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider, type Adapter, type AdapterPayload } from 'oidc-provider';

/** A person who signs in at the provider, and what it says about them. */
export interface Person {
  readonly sub: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A real OpenID provider at which people sign in, on a loopback port. */
export interface LoginProvider {
  readonly issuer: string;
  /** The person in front of the browser. null: they decline. */
  person: Person | null;
  /** The parameters of the last authorization request. */
  readonly asked: () => URLSearchParams;
  readonly goDown: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

export const CLIENT = { id: 'rolegate', secret: 'a secret of this client, and of no other one' };

/** Starts a provider that sends browsers back to these URIs, and to no others. */
export async function startLoginProvider(redirectUris: readonly string[]): Promise<LoginProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown;
  const server = createServer((request, response) => void handle(request, response));
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  let asked = new URLSearchParams();
  const state: LoginProvider = {
    issuer: `http://127.0.0.1:${port}`,
    person: null,
    asked: () => asked,
    async goDown() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    comeBack: () => listen(port),
  };
  const provider = new Provider(state.issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [...redirectUris],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    adapter: createStore(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'key', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key of the tests'] },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'name', 'amr', 'acr'] },
    features: { devInteractions: { enabled: false } },
    ttl: { AccessToken: 600, IdToken: 600, Interaction: 600, Session: 3_600, Grant: 3_600 },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...state.person?.claims }) }),
    // Nothing is asked of the person besides who they are.
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc;
      const grant = new provider.Grant({
        ...(client && { clientId: client.clientId }),
        ...(session?.accountId !== undefined && { accountId: session.accountId }),
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  handle = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', state.issuer);
    if (pathname === '/auth') {
      asked = searchParams;
    }
    if (!pathname.startsWith('/interaction/')) {
      return callback(request, response);
    }
    const { person } = state;
    const result = person === null ? { error: 'access_denied' } : { login: { accountId: person.sub } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };
  return state;
}

/** Returns a store of the provider: its own would warn that it is one for demos. */
function createStore(): (name: string) => Adapter {
  const stored = new Map<string, AdapterPayload>();
  return (name) => ({
    upsert: async (id, payload) => void stored.set(`${name} ${id}`, payload),
    find: async (id) => stored.get(`${name} ${id}`),
    findByUserCode: async () => undefined,
    findByUid: async (uid) => [...stored.values()].find((payload) => payload.uid === uid),
    async consume(id) {
      const payload = stored.get(`${name} ${id}`);
      if (payload !== undefined) {
        payload.consumed = Math.floor(Date.now() / 1_000);
      }
    },
    destroy: async (id) => void stored.delete(`${name} ${id}`),
    revokeByGrantId: async () => undefined,
  });
}
