import { authScope } from '../database/scopes.ts';
import type { SignedInViewer } from '../lib/viewer.ts';
import type { AuthDependencies } from './dependencies.ts';
import { loadRoleGraph, type RoleGraph } from './role-graph.ts';
import { isUseToBeRecorded } from './sessions/sessions.ts';
import { createVersionedCache, type VersionedCache } from './versioned-cache.ts';

/** The number of sessions, keys and users that are cached. */
export const CACHE_SIZE = 10_000;

/** Caches of what decides about access. Entries are trusted as long as the access version stays the same. */
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
