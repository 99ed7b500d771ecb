/** Reports if this page can use passkeys of a domain: its own, or a parent of it. */
export function canUsePasskeys(domain: string | null | undefined): domain is string {
  const { hostname } = location;
  const isOurs = domain != null && (hostname === domain || hostname.endsWith(`.${domain}`));
  return isOurs && typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

/** Asks the browser for something about passkeys. Returns null if the person, or the browser, declines. */
async function ask(work: () => Promise<Credential | null>): Promise<unknown> {
  const credential = await work().catch(() => null);
  return credential instanceof PublicKeyCredential ? credential.toJSON() : null;
}

/** Makes a passkey, by options of the server. Returns the response for the server, or null. */
export function createPasskey(options: unknown): Promise<unknown> {
  return ask(() =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
    }),
  );
}

/** Asks for a passkey, by options of the server. Returns the response for the server, or null. */
export function getPasskey(options: unknown): Promise<unknown> {
  return ask(() =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
    }),
  );
}
