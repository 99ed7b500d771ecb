import { isIP, isIPv4, isIPv6, SocketAddress, BlockList } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import { LRUCache } from 'lru-cache';

/** The longest `Forwarded` or `X-Forwarded-For` that is read, in characters: a few dozen hops. */
const LONGEST_HEADER = 4_096;

/** The parts of a request from which its client's address is derived. */
export interface ForwardedRequest {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Creates the function that reports if an address is a trusted proxy's. */
export function createProxyTrust(trustedProxies: readonly string[]): (address: string) => boolean {
  if (trustedProxies.length === 0) {
    return () => false;
  }
  const trust = proxyAddr.compile([...trustedProxies]);
  return (address) => trust(address, 0);
}

/**
 * Creates the function that returns a client's address: the nearest one in the chain of hops that is not a trusted
 * proxy's. Trusted proxies report hops in `X-Forwarded-For`, or in `Forwarded` (RFC 7239). A hop without an address
 * (`unknown`, an obfuscated name, malformed text) ends the chain: the client then has the address of the proxy that
 * reported it, so that invented names are not new clients. The same holds if both headers are there and disagree, since
 * the client may have sent one of them.
 */
export function createAddressOf(trustedProxies: readonly string[]): (request: ForwardedRequest) => string {
  const isProxy = createProxyTrust(trustedProxies);
  const known = new LRUCache<string, string>({ max: 1_000, memoMethod: (text) => parseNode(text) ?? 'unknown' });
  return ({ socket, headers }) => {
    const remote = known.memo(socket.remoteAddress ?? '');
    if (!isProxy(remote)) {
      return remote;
    }
    const chains = [xForwardedFor(headers['x-forwarded-for']), forwardedFor(headers['forwarded'])];
    const addresses = chains.filter((hops) => hops !== null).map((hops) => followHops(remote, hops, isProxy));
    const [address = remote] = addresses;
    return addresses.every((other) => other === address) ? address : remote;
  };
}

/** @param hops the nodes that proxies reported, the nearest last */
function followHops(remote: string, hops: readonly string[], isProxy: (address: string) => boolean): string {
  let address = remote;
  for (const hop of hops.toReversed()) {
    const next = isProxy(address) ? parseNode(hop) : null;
    if (next === null) {
      break;
    }
    address = next;
  }
  return address;
}

/**
 * Returns the address of a node (RFC 7239 §6), without port, brackets, quotes and zone, IPv6 in its canonical form and
 * IPv4-mapped addresses as IPv4; null if there is none.
 */
export function parseNode(text: string): string | null {
  const node = text.trim().replace(/^"(.*)"$/s, '$1');
  const [, bracketed] = /^\[([^\]]*)\](?::[\w.-]+)?$/.exec(node) ?? [];
  const [, beforePort] = /^([\d.]+):[\w.-]+$/.exec(node) ?? [];
  const address = (bracketed ?? beforePort ?? node).replace(/%.*$/s, '');
  if (!isIPv6(address)) {
    return isIPv4(address) && bracketed === undefined ? address : null;
  }
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical)?.[1];
  return mapped ?? canonical;
}

function textOf(header: string | string[] | undefined): string | null {
  const text = Array.isArray(header) ? header.join(',') : header;
  return text === undefined || text.trim() === '' ? null : text;
}

/** Returns the nodes of `X-Forwarded-For`, the nearest last; null without the header. */
function xForwardedFor(header: string | string[] | undefined): string[] | null {
  const text = textOf(header);
  // The nearest hops are at the end. The beginning is cut off: a client can write anything there.
  return text === null ? null : text.slice(-LONGEST_HEADER).split(',');
}

/** A parameter of `Forwarded`, with the separator that follows. Some proxies write a bare address instead of `for=`. */
const PAIR = /[ \t]*(?:(?:([\w!#$%&'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[^\s",;]*)|([^\s",;]+))[ \t]*)?([,;]|$)/y;

/** Returns the nodes of `Forwarded` (RFC 7239 §4), the nearest last; without the header null, none if it is malformed. */
function forwardedFor(header: string | string[] | undefined): string[] | null {
  const text = textOf(header);
  if (text === null || text.length > LONGEST_HEADER) {
    return text === null ? null : [];
  }
  const pattern = new RegExp(PAIR);
  const nodes: string[] = [];
  let node: string | null = null;
  let isEmpty = true;
  for (;;) {
    const match = pattern.exec(text);
    if (match === null) {
      return [];
    }
    const [, name, value = '', bare, separator] = match;
    isEmpty &&= name === undefined && bare === undefined;
    node = name?.toLowerCase() === 'for' ? value.replaceAll(/\\(.)/gs, '$1') : (bare ?? node);
    if (separator !== ';') {
      nodes.push(...(isEmpty ? [] : [node ?? 'unknown']));
      [node, isEmpty] = [null, true];
    }
    if (separator === '') {
      return nodes;
    }
  }
}

/** Returns the network of an address: of IPv6 its /64, since the holder of one address has the complete /64. */
export function networkOf(address: string): string {
  const canonical = parseNode(address) ?? address;
  if (isIP(canonical) !== 6) {
    return canonical;
  }
  const [head = '', tail] = canonical.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const network = [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':')].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group || '0', 16).toString(16)).join(':')}::/64`;
}

/** The IPv4 blocks that are not globally reachable, or not a host's (RFC 6890, and the registry that it founded). */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Within the global unicast addresses, 2000::/3: protocols, tunnels that lead to IPv4 addresses, documentation. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

const specialV4 = listOf(SPECIAL_V4, 'ipv4');
const specialV6 = listOf(SPECIAL_V6, 'ipv6');
const globalV6 = listOf(['2000::/3'], 'ipv6');

/** Reports if an address belongs to a host of the public internet, in whichever form it is written. */
export function isPublicAddress(text: string): boolean {
  const address = parseNode(text);
  if (address === null || isIP(address) === 0) {
    return false;
  }
  return isIPv4(address)
    ? !specialV4.check(address, 'ipv4')
    : globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
}

/** Creates the function that reports if requests may go to an address: a public one, or one of the allowed networks. */
export function createAddressCheck(allowedNetworks: readonly string[]): AddressCheck {
  const isListed = createProxyTrust(allowedNetworks);
  const isAllowedNetwork = (text: string): boolean => {
    const address = parseNode(text);
    return address !== null && isListed(address);
  };
  return { isAllowedNetwork, isAllowed: (text) => isPublicAddress(text) || isAllowedNetwork(text) };
}

/** Returns the address that a URL names instead of a host; null if it names a host. */
export function literalAddressOf({ hostname }: URL): string | null {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? null : host;
}

/** The addresses to which requests of the server may go. */
export interface AddressCheck {
  readonly isAllowed: (address: string) => boolean;
  /** True for an address of the networks that the operator has allowed. */
  readonly isAllowedNetwork: (address: string) => boolean;
}
