import { BlockList, isIP, isIPv4 } from 'node:net';
import { createProxyTrust, parseNode } from './network.ts';

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

/** Tells to which addresses requests may go. */
export interface AddressCheck {
  readonly isAllowed: (address: string) => boolean;
  /** True for an address of the networks that the operator has allowed. */
  readonly isAllowedNetwork: (address: string) => boolean;
}
