import type { Role } from '../generated/access.ts';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { html, render, type Values } from './landing/render.ts';

/** A user of the demo, with a password that the page shows. */
export interface KnownLogin {
  readonly username: string;
  readonly password: string;
  readonly role: string;
}

/** The contents of the page besides the address. */
export interface LandingOptions {
  readonly config: Pick<Config, 'production' | 'publicUrl' | 'basicAuth'> & Partial<Pick<Config, 'trustedDocuments'>>;
  /** The demo's users; empty outside of it. */
  readonly logins: readonly KnownLogin[];
}

/** The query of the steps and of the editor. */
const FIRST_QUERY = `query FirstSteps {
  me { username roles }
  accounts(first: 3) {
    totalCount
    nodes { name status }
  }
}
`;

/** The role whose user the first steps sign in as: it may read accounts, and is denied users. */
const FIRST_ROLE = 'DEVELOPER' satisfies Role;

const SANDBOX_SCRIPT = 'https://embeddable-sandbox.cdn.apollographql.com';
const SANDBOX_FRAME = 'https://sandbox.embed.apollographql.com';

/** One script, one style, both of this page; the Sandbox's script and frame; requests to this server alone. */
function policyOf(nonce: string, isProduction: boolean): string {
  const sandbox = [`script-src 'nonce-${nonce}' ${SANDBOX_SCRIPT}`, `connect-src 'self'`, `frame-src ${SANDBOX_FRAME}`];
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    'img-src data:',
    ...(isProduction ? [] : sandbox),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function readPart(name: string): string {
  return readFileSync(new URL(`./landing/${name}`, import.meta.url), 'utf8');
}

/** A command that a shell takes as it stands: neither queries nor passwords of the demo hold a single quote. */
function curl(endpoint: string, headers: readonly string[], body: object): string {
  const lines = ['content-type: application/json', ...headers].map((header) => `  -H '${header}' \\\n`);
  return `curl -s ${endpoint} \\\n${lines.join('')}  -d '${JSON.stringify(body)}'`;
}

function loginStep(endpoint: string, { username, password }: KnownLogin): string {
  const query = `mutation { login(login: "${username}", password: "${password}") { accessToken } }`;
  return curl(endpoint, [], { query });
}

function askStep(endpoint: string): string {
  const query = FIRST_QUERY.replaceAll(/\s+/g, ' ').trim();
  return curl(endpoint, ['authorization: Bearer TOKEN'], { query });
}

function loginsTable(logins: readonly KnownLogin[]): string {
  const rows = logins.map(
    ({ username, password, role }) =>
      html`<tr>
        <td><code>${username}</code></td>
        <td><code>${password}</code></td>
        <td>${role}</td>
      </tr>`,
  );
  return render(readPart('logins.html'), { rows: rows.join('\n') });
}

function viewerChoice(logins: readonly KnownLogin[], first: KnownLogin): string {
  const options = logins.map(({ username, password, role }) => {
    const selected = username === first.username ? 'selected' : '';
    return `<option ${selected} ${html`value="${username}:${password}">${username} (${role})`}</option>`;
  });
  return render(readPart('viewer.html'), { options: options.join('\n') });
}

/** The user that the steps are written for; without known users, a placeholder to fill in. */
function firstOf(logins: readonly KnownLogin[]): KnownLogin {
  return logins.find(({ role }) => role === FIRST_ROLE) ?? { username: 'you', password: '…', role: '' };
}

/** Returns the parts that stay the same from one visit to the next. */
function fixedParts({ config, logins }: LandingOptions): Values {
  const hasLogins = logins.length > 0 && !config.production;
  return {
    query: FIRST_QUERY,
    style: readPart('page.css'),
    tag: hasLogins ? '<span class="tag">demo data</span>' : '',
    logins: hasLogins ? loginsTable(logins) : '',
    viewer: hasLogins && config.basicAuth ? viewerChoice(logins, firstOf(logins)) : '',
  };
}

/** The steps, for the address that this visitor used. */
function stepsFor(endpoint: string, logins: readonly KnownLogin[]): Values {
  const endpointParameter = encodeURIComponent(endpoint);
  return { endpoint, endpointParameter, login: loginStep(endpoint, firstOf(logins)), ask: askStep(endpoint) };
}

/**
 * Serves `GET /`, the page for a person who opens the server's address in a browser.
 *
 * Outside production that is Apollo Sandbox, set up for this server, beside the first steps and the demo's logins; if
 * its network cannot be reached, a plain editor stands in. In production, and where only published documents are answered, it is a short page without
 * any script.
 */
export function registerLanding(fastify: FastifyInstance, options: LandingOptions): void {
  const { production, publicUrl, trustedDocuments } = options.config;
  // An editor is useless where the server answers published documents only.
  const isPlain = production || trustedDocuments === 'only';
  const page = readPart('page.html');
  const main = readPart(isPlain ? 'production.html' : 'demo.html');
  const script = readPart('page.js');
  const fixed = fixedParts(options);

  function originOf({ protocol, host }: FastifyRequest): string {
    return publicUrl ?? URL.parse(`${protocol}://${host}`)?.origin ?? '';
  }

  fastify.get('/', async (request, reply) => {
    const nonce = randomBytes(16).toString('base64');
    const values = {
      ...fixed,
      ...stepsFor(`${originOf(request)}/graphql`, options.logins),
      nonce,
      script: `<script type="module" nonce="${nonce}">\n${script}</script>`,
    };
    reply.header('content-security-policy', policyOf(nonce, isPlain)).type('text/html; charset=utf-8');
    return render(page, { ...values, main: render(main, values) });
  });
}
