import { describe, expect, it } from 'vitest';
import { createAddressOf, isPublicAddress, networkOf, parseNode } from '../../src/lib/network.ts';

describe('a node that a proxy reports', () => {
  it.each<[string, string | null]>([
    ['198.51.100.66', '198.51.100.66'],
    ['198.51.100.66:40001', '198.51.100.66'],
    ['198.51.100.66:_port', '198.51.100.66'],
    [' 198.51.100.66 ', '198.51.100.66'],
    ['"198.51.100.66:40001"', '198.51.100.66'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:db8::1]:443"', '2001:db8::1'],
    ['::ffff:198.51.100.66', '198.51.100.66'],
    ['::FFFF:c633:6442', '198.51.100.66'],
    ['[::ffff:198.51.100.66]:443', '198.51.100.66'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
    ['unknown', null],
    ['_hidden', null],
    ['_hidden:_port', null],
    ['', null],
    ['198.51.100', null],
    ['198.51.100.066', null],
    ['[198.51.100.66]', null],
    ['198.51.100.66, 198.51.100.67', null],
    ['example.com', null],
  ])('the node %j of a proxy is read as %s', (text, address) => {
    expect(parseNode(text)).toBe(address);
  });
});

describe('the network of an address', () => {
  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['198.51.100.66:40001', '198.51.100.66'],
    ['::ffff:198.51.100.66', '198.51.100.66'],
    ['unknown', 'unknown'],
  ])('the network of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the address of a client', () => {
  const PROXY = '10.0.0.1';
  const addressOf = createAddressOf(['10.0.0.0/8', 'fd00::/8']);
  const ask = (headers: Record<string, string>, remoteAddress = PROXY): string =>
    addressOf({ socket: { remoteAddress }, headers });

  it.each([
    ['one hop', '198.51.100.66', '198.51.100.66'],
    ['a port, as Azure writes it', '198.51.100.66:40001', '198.51.100.66'],
    ['brackets and a port', '[2001:db8::1]:443', '2001:db8::1'],
    ['the nearest hop that is no proxy', '203.0.113.9, 198.51.100.66:1', '198.51.100.66'],
    ['the hop before further proxies', '203.0.113.9, 198.51.100.66:1, 10.1.1.1:2, [fd00::1]:3', '198.51.100.66'],
    ['only proxies', '10.1.1.1', '10.1.1.1'],
    ['unknown', 'unknown', PROXY],
    ['an obfuscated name', '_anything', PROXY],
    ['an unknown hop before a proxy', '203.0.113.9, unknown, 10.1.1.1', '10.1.1.1'],
    ['no address', 'constructor', PROXY],
    ['empty items', ',,', PROXY],
    ['a header of 100 kB', `${'203.0.113.9, '.repeat(8_000)}198.51.100.66`, '198.51.100.66'],
  ])('X-Forwarded-For names the client: %s', (_, header, address) => {
    expect(ask({ 'x-forwarded-for': header })).toBe(address);
  });

  it.each([
    ['one hop', 'for=198.51.100.66', '198.51.100.66'],
    ['a port', 'for="198.51.100.66:40001"', '198.51.100.66'],
    ['IPv6', 'For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['other parameters', 'by=203.0.113.43;FOR=198.51.100.66;proto=http', '198.51.100.66'],
    ['several hops', 'for=203.0.113.9, for="198.51.100.66:1";proto=http, for=10.1.1.1', '198.51.100.66'],
    ['quoted separators', 'for=198.51.100.66;host="a,b;c\\"d"', '198.51.100.66'],
    ['a bare address', 'for=203.0.113.9, 198.51.100.66', '198.51.100.66'],
    ['empty elements', ', for=198.51.100.66 ,,', '198.51.100.66'],
    ['unknown', 'for=unknown', PROXY],
    ['an obfuscated name', 'for=_gazonk', PROXY],
    ['a hop without "for"', 'for=203.0.113.9, proto=https', PROXY],
    ['a quote that the client left open', 'for="203.0.113.9, for=198.51.100.66', PROXY],
    ['a quote that swallows the proxy’s', 'for="x, for="[2001:db8::1]"', PROXY],
    ['no syntax', 'nonsense', PROXY],
    ['a header of 100 kB', `for=${'x'.repeat(100_000)}, for=198.51.100.66`, PROXY],
  ])('Forwarded names the client: %s', (_, header, address) => {
    expect(ask({ forwarded: header })).toBe(address);
  });

  it('the address is the same by both headers, or the proxy’s: one of them may be the client’s own', () => {
    const headers = { 'x-forwarded-for': '198.51.100.66:1' };
    expect(ask({ ...headers, forwarded: 'for="198.51.100.66:2"' })).toBe('198.51.100.66');
    expect(ask({ ...headers, forwarded: 'for=203.0.113.9' })).toBe(PROXY);
  });

  it('the address is the socket’s, without a trusted proxy', () => {
    const headers = { 'x-forwarded-for': '198.51.100.66', forwarded: 'for=198.51.100.66' };
    expect(ask(headers, '203.0.113.9')).toBe('203.0.113.9');
    expect(ask(headers, '::ffff:203.0.113.9')).toBe('203.0.113.9');
    expect(ask(headers, '::ffff:10.0.0.1')).toBe('198.51.100.66');
    expect(createAddressOf([])({ socket: { remoteAddress: PROXY }, headers })).toBe(PROXY);
    expect(createAddressOf([])({ socket: {}, headers })).toBe('unknown');
  });
});

describe('addresses', () => {
  it.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['::ffff:8.8.8.8', true],
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['172.31.255.255', false],
    ['172.32.0.1', true],
    ['192.168.1.1', false],
    ['169.254.169.254', false],
    ['100.64.0.1', false],
    ['0.0.0.0', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::1', false],
    ['::', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:a00:1', false],
    ['0:0:0:0:0:ffff:0a00:0001', false],
    ['::127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['2002:7f00:1::', false],
    ['2001::1', false],
    ['fc00::1', false],
    ['fd12::1', false],
    ['fe80::1', false],
    ['fe80::1%eth0', false],
    ['ff02::1', false],
    ['2001:db8::1', false],
    ['localhost', false],
    ['', false],
  ])('the address %s is public: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});
