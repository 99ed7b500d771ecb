import type { Logger } from 'pino';
import type { Auth } from '../auth/auth.ts';
import { isFromAllowedOrigin } from '../auth/sessions/cookie.ts';
import type { Config } from '../config/config.ts';
import type { RequestContext } from '../context.ts';
import type { Client } from '../lib/client.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { LiveOptions } from '../sockets/sockets.ts';

/** The dependencies of {@link wireLive}. */
interface LiveWiring {
  readonly config: Config;
  readonly auth: Auth;
  readonly contextOf: (viewer: Viewer, client: Client) => RequestContext;
  readonly log: Logger;
  readonly now: () => Date;
  readonly onCounts: NonNullable<LiveOptions<RequestContext>['onCounts']>;
}

/** Wires subscriptions: they authenticate as requests do, and again whenever the access version has changed. */
export function wireLive({ config, auth, contextOf, log, now, onCounts }: LiveWiring): LiveOptions<RequestContext> {
  const { cookie, version } = auth;
  return {
    now,
    onCounts,
    accessVersion: () => (version.isFresh ? version.version : null),
    isFromAllowedOrigin: (source) => isFromAllowedOrigin(source, config.corsOrigins, cookie),
    async identify({ rawHeaders, address, device }) {
      const client = { address, device, setSessionCookie: () => undefined, setSignInCookie: () => undefined };
      const viewer = await auth.authenticate({ rawHeaders, client });
      return {
        expiresAt: viewer.expiresAt,
        isAnonymous: viewer.id === null,
        open: () => {
          const context = contextOf(viewer, client);
          return { context, close: () => closeUnit(context, log) };
        },
      };
    },
  };
}

/** Ends the reading transaction of an operation. It is not awaited: a read-only transaction cannot fail to commit. */
export function closeUnit({ unit }: RequestContext, log: Logger): void {
  unit.close().catch((error: unknown) => log.warn({ err: error }, 'A transaction did not end well'));
}
