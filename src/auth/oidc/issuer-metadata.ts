import { z } from 'zod';
import type { Fetch } from './key-set.ts';

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url() });

/**
 * Finds where an issuer's keys are, in its metadata (OpenID Connect Discovery 1.0 §4).
 *
 * @throws {Error} if the metadata cannot be fetched, belong to another issuer, or send from https to http
 */
export async function discoverKeys(issuer: string, fetch: Fetch, signal: AbortSignal): Promise<URL> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } });
  if (response.status !== 200) {
    throw new Error(`The issuer's metadata answered with status ${response.status}`);
  }
  const metadata = Metadata.parse(await response.json());
  const keys = new URL(metadata.jwks_uri);
  if (metadata.issuer !== issuer || keys.protocol !== new URL(issuer).protocol) {
    throw new Error("The issuer's metadata are not its own");
  }
  return keys;
}
