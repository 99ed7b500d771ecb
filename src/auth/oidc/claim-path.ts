/**
 * Finds a claim by its name or by a dotted path into objects (`realm_access.roles`). A name that is there literally
 * wins, at every level: `https://example.com/roles` is one name, dots and all. Only own members count.
 */
export function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null) {
    return undefined;
  }
  const members = new Map<string, unknown>(Object.entries(claims));
  if (members.has(path)) {
    return members.get(path);
  }
  const prefixes = [...members.keys()].filter((name) => path.startsWith(`${name}.`));
  const values = prefixes.map((name) => claimAt(members.get(name), path.slice(name.length + 1)));
  return values.find((value) => value !== undefined);
}

/** The strings in a claim: a list's, or the words of a text, as `scope` has them (RFC 8693 §4.2). Nothing else counts. */
export function namesIn(claim: unknown): ReadonlySet<string> {
  const values: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return new Set(values.filter((value) => typeof value === 'string'));
}
