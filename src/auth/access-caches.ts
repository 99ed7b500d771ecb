import { LRUCache } from 'lru-cache';
import { authScope } from '../database/scopes.ts';
import type { SignedInViewer, Credential } from '../lib/viewer.ts';
import type { AuthDependencies } from './dependencies.ts';
import { loadRoleGraph, type RoleGraph } from './role-graph.ts';
import { isUseToBeRecorded, getSession, isLive, type SessionState } from './sessions/sessions.ts';
import { waitsForSecondFactor } from './factors/second-factors.ts';
import { InvalidTokenError } from '../lib/errors.ts';
import { viewerOf } from './principal.ts';

/** A cache of values that are valid under the version under which they were loaded. */
interface VersionedCache<Value> {
  /**
   * Returns the value of a key, or loads it. Concurrent loads of one key are one load; a load that fails is not cached.
   */
  readonly get: (key: string, load: () => Promise<Value>) => Promise<Value>;
  readonly forget: (key: string) => void;
}

interface Entry<Value> {
  readonly version: number;
  readonly value: Promise<Value>;
}

/**
 * Creates a cache whose entries are valid while `version()` stays the same; null means that no entry is valid.
 *
 * @param size the number of values that are held; the least recently used one is evicted first
 */
export function createVersionedCache<Value>(version: () => number | null, size: number): VersionedCache<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ max: size });
  return {
    get(key, load) {
      const now = version();
      if (now === null) {
        return load();
      }
      const known = entries.get(key);
      if (known?.version === now) {
        return known.value;
      }
      const entry = { version: now, value: load() };
      entries.set(key, entry);
      entry.value.catch(() => {
        if (entries.peek(key) === entry) {
          entries.delete(key);
        }
      });
      return entry.value;
    },
    forget: (key) => void entries.delete(key),
  };
}

/** The number of sessions, keys and users that are cached. */
export const CACHE_SIZE = 10_000;

/** The caches of sessions, API keys, users and roles. Entries are valid while the access version stays the same. */
export interface AccessCaches {
  readonly create: <Value>() => VersionedCache<Value>;
  /** Returns the roles that exist now. */
  readonly roleGraph: () => Promise<RoleGraph>;
  /**
   * Returns the cached state of a session or a key; loads it again when its last use is to be recorded. A state that
   * does not exist is not cached.
   */
  readonly getUsed: <State extends { readonly lastUsedAt: Date }>(
    cache: VersionedCache<State | null>,
    key: string,
    load: () => Promise<State | null>,
  ) => Promise<State | null>;
  /** Returns the viewer of a cached state, created again only when the state or the roles have changed. */
  readonly viewer: (state: object, create: (graph: RoleGraph) => SignedInViewer) => Promise<SignedInViewer>;
}

/** Creates the caches of a process. */
export function createAccessCaches({
  database,
  version,
  now,
}: Pick<AuthDependencies, 'database' | 'version' | 'now'>): AccessCaches {
  const viewers = new WeakMap<object, { readonly graph: RoleGraph; readonly viewer: SignedInViewer }>();
  const graphs = createVersionedCache<RoleGraph>(() => (version.isFresh ? version.rolesVersion : null), 1);
  const roleGraph = (): Promise<RoleGraph> => graphs.get('graph', () => database.run(authScope, loadRoleGraph));
  return {
    create: () => createVersionedCache(() => (version.isFresh ? version.version : null), CACHE_SIZE),
    roleGraph,
    async getUsed(cache, key, load) {
      let state = await cache.get(key, load);
      if (state !== null && isUseToBeRecorded(state, now())) {
        cache.forget(key);
        state = await cache.get(key, load);
      }
      if (state === null) {
        cache.forget(key);
      }
      return state;
    },
    async viewer(state, create) {
      const graph = await roleGraph();
      const last = viewers.get(state);
      if (last?.graph === graph) {
        return last.viewer;
      }
      const viewer = create(graph);
      viewers.set(state, { graph, viewer });
      return viewer;
    },
  };
}

/** The sessions that credentials belong to. */
export interface LiveSessions {
  /**
   * Returns a session that may be used now.
   *
   * @throws {InvalidTokenError} if there is none
   */
  readonly require: (by: 'id' | 'cookie_hash', key: string) => Promise<SessionState>;
  /** Returns the viewer of a session, for a credential that expires at the given time at the latest. */
  readonly viewerOf: (session: SessionState, credential: Credential, expiresAt: Date) => Promise<SignedInViewer>;
}

/** Creates the cached view of the sessions. */
export function createLiveSessions(
  { database, lifetime, settings, now }: Pick<AuthDependencies, 'database' | 'lifetime' | 'settings' | 'now'>,
  caches: AccessCaches,
): LiveSessions {
  const sessions = caches.create<SessionState | null>();
  return {
    async require(by, key) {
      const session = await caches.getUsed(sessions, `${by} ${key}`, () =>
        database.run(authScope, (em) => getSession(em, by, key, { now: now(), lifetime })),
      );
      if (session === null || !isLive(session, now(), lifetime)) {
        throw new InvalidTokenError('The session has ended or expired, or its user is disabled');
      }
      return session;
    },
    async viewerOf(session, credential, expiresAt) {
      const viewer = await caches.viewer(session, (graph) => {
        const { id: sessionId, userId: id, activation, authenticatedAt } = session;
        const secondFactorRequired = waitsForSecondFactor(session, settings.mfaRequiredRoles, graph);
        const activated = { credential, sessionId, activation, authenticatedAt, secondFactorRequired };
        return viewerOf({ ...session, id }, graph, activated);
      });
      // Several tokens may belong to a session, and each has its own expiry.
      return { ...viewer, credential, expiresAt: session.expiresAt < expiresAt ? session.expiresAt : expiresAt };
    },
  };
}
