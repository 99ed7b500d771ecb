import type { BaseContext } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import pLimit from 'p-limit';
import { type GatewayParts, LiveGateway } from './gateway.ts';
import type { LiveOptions, LiveParts } from './options.ts';
import { createAddressOf } from '../lib/network.ts';

export type { LiveCounts, LiveOptions } from './options.ts';
export { isLiveUpgrade } from './gateway.ts';

/** The events that are read, and the credentials that are checked, at a time: requests need the database, too. */
const EVENTS_AT_ONCE = 8;
const RENEWALS_AT_ONCE = 8;

/** The dependencies that subscriptions share with the route over HTTP. */
export interface LiveRouteOptions<Context extends BaseContext>
  extends
    Omit<LiveParts<Context>, keyof LiveOptions<Context> | 'limitWork'>,
    Pick<GatewayParts<Context>, 'largestMessage'> {
  readonly live: LiveOptions<Context>;
  readonly trustedProxies: readonly string[];
}

/** Serves subscriptions over WebSocket on `/graphql`, until the server closes. */
export function registerLive<Context extends BaseContext>(
  fastify: FastifyInstance,
  { live, trustedProxies, ...parts }: LiveRouteOptions<Context>,
): void {
  const gateway = new LiveGateway<Context>({
    ...parts,
    ...live,
    addressOf: createAddressOf(trustedProxies),
    limitWork: pLimit(EVENTS_AT_ONCE),
    limitRenewals: pLimit(RENEWALS_AT_ONCE),
  });
  fastify.server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  fastify.addHook('preClose', () => gateway.close());
  live.onCounts?.(() => gateway.counts);
}
