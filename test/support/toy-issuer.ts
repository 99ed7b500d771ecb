import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createTestApp, type TestApp } from './app.ts';
import { LinkIdentityDocument, StartSignInDocument } from '../generated/graphql.ts';
import { IssuerBrowser, PUBLIC_URL } from './issuer-browser.ts';
import { signIn } from './signed-in.ts';

/** An issuer that answers as a test says, also where no real one would. */
export interface ToyIssuer {
  readonly issuer: string;
  /** Members of the metadata beside or instead of the usual ones. */
  readonly metadata: Record<string, unknown>;
  /** Approves an authorization request: what the browser comes back with. `claims` are those of the ID token. */
  readonly approve: (url: string, claims?: Record<string, unknown>, token?: ToyToken) => URL;
  readonly close: () => Promise<void>;
}

/** The differences of an ID token from a valid one. */
export interface ToyToken {
  readonly signedBy?: 'another key' | 'the client secret' | 'nothing';
  /** The status of the token endpoint. */
  readonly status?: number;
  readonly isMissing?: boolean;
  /** The authorization code, instead of a random one. */
  readonly code?: string;
}

interface Approved {
  readonly claims: Record<string, unknown>;
  readonly token: ToyToken;
  readonly challenge: string | null;
}

/** The key with which a client's secret would verify. */
export const TOY_SECRET = 'a secret of forty characters, of the toys';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Starts a toy. */
export async function startToyIssuer(): Promise<ToyIssuer> {
  const own = await generateKeyPair('RS256');
  const another = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'toy', alg: 'RS256', use: 'sig' };
  const approved = new Map<string, Approved>();
  const metadata: Record<string, unknown> = {};

  async function tokenOf(claims: Record<string, unknown>, { signedBy }: ToyToken): Promise<string> {
    if (signedBy === 'nothing') {
      return `${part({ alg: 'none' })}.${part(claims)}.`;
    }
    const keys: Record<string, CryptoKey | KeyObject> = {
      'another key': another.privateKey,
      'the client secret': createSecretKey(Buffer.from(TOY_SECRET)),
    };
    const alg = signedBy === 'the client secret' ? 'HS256' : 'RS256';
    return new SignJWT(claims).setProtectedHeader({ alg, kid: 'toy' }).sign(keys[signedBy ?? ''] ?? own.privateKey);
  }

  async function redeem(body: URLSearchParams): Promise<{ status: number; answer: object }> {
    const code = body.get('code') ?? '';
    const given = approved.get(code);
    approved.delete(code);
    const verifier = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (given === undefined || given.challenge !== verifier) {
      return { status: 400, answer: { error: 'invalid_grant', error_description: '<b>text of the issuer</b>' } };
    }
    const { token } = given;
    const idToken = token.isMissing === true ? {} : { id_token: await tokenOf(given.claims, token) };
    return { status: token.status ?? 200, answer: { access_token: 'x', token_type: 'bearer', ...idToken } };
  }

  const server = createServer((request, response) => {
    const send = (status: number, answer: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    };
    if (request.url === '/jwks') {
      return send(200, { keys: [jwk] });
    }
    if (request.url === '/.well-known/openid-configuration') {
      return send(200, {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
        authorization_response_iss_parameter_supported: true,
        ...metadata,
      });
    }
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => void redeem(new URLSearchParams(body)).then(({ status, answer }) => send(status, answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    issuer,
    metadata,
    approve(url, claims = {}, token = {}) {
      const asked = new URL(url).searchParams;
      const code = token.code ?? `code-${approved.size}-${Math.random()}`;
      const now = Math.floor(Date.now() / 1_000);
      const usual = { iss: issuer, aud: asked.get('client_id'), sub: 'alice', iat: now, exp: now + 300 };
      approved.set(code, {
        claims: { ...usual, nonce: asked.get('nonce'), ...claims },
        token,
        challenge: asked.get('code_challenge'),
      });
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: asked.get('state') ?? '', iss: issuer }).toString();
      return back;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An app with two toys: `toy`, to which the user `sales` is linked, and `other`, which makes users of unknown people. */
export interface ToyStage {
  readonly app: TestApp;
  readonly toy: ToyIssuer;
  readonly other: ToyIssuer;
  /** Sets the app's clock to the time of the issuers, which is that of this very moment. */
  readonly followTheClock: () => void;
  /** Begins a sign-in at `toy` in a browser of its own. */
  readonly begin: () => Promise<{ readonly browser: IssuerBrowser; readonly url: string }>;
  readonly close: () => Promise<void>;
}

/** Starts them. */
export async function startToyStage(): Promise<ToyStage> {
  const [toy, other] = await Promise.all([startToyIssuer(), startToyIssuer()]);
  const client = { clientId: 'rolegate', clientSecret: TOY_SECRET };
  const issuers = [
    { ...client, id: 'toy', issuer: toy.issuer },
    { ...client, id: 'other', issuer: other.issuer, createUsers: true, prompt: 'select_account' },
  ];
  const app = await createTestApp({
    environment: {
      PUBLIC_URL,
      SIGN_IN_ISSUERS: JSON.stringify(issuers),
      LOGIN_FAILURES_PER_ADDRESS: '10000',
      MFA_REQUIRED_ROLES: 'MANAGER',
    },
  });
  const followTheClock = () => app.clock.advance((Date.now() - app.clock.now().getTime()) / 1_000);
  followTheClock();
  const { headers } = await signIn(app, 'sales');
  const sales = new IssuerBrowser(app);
  await sales.comeBack(toy.approve(await sales.begin(LinkIdentityDocument, { issuer: 'toy' }, headers)).href);
  return {
    app,
    toy,
    other,
    followTheClock,
    async begin() {
      const browser = new IssuerBrowser(app);
      return { browser, url: await browser.begin(StartSignInDocument, { issuer: 'toy' }) };
    },
    close: async () => void (await Promise.all([app.close(), toy.close(), other.close()])),
  };
}
