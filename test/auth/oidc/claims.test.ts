import { describe, expect, test } from 'vitest';
import { claimAt, namesIn } from '../../../src/auth/oidc/claims.ts';

describe('a claim', () => {
  const claims = {
    roles: ['plain'],
    realm_access: { roles: ['keycloak'] },
    resource_access: { 'my.client': { roles: ['client'] } },
    'https://example.com/roles': ['auth0'],
    'a.b': { 'c.d': 'deep', c: { d: 'wrong' } },
    a: { b: { c: { d: 'also wrong' } }, only: 'here' },
    'dead.end': 'no object',
    dead: { end: { there: 'behind it' } },
    list: ['zero'],
    nothing: null,
  };

  test.each([
    ['by its name', 'roles', ['plain']],
    ["by a path: Keycloak's realm roles", 'realm_access.roles', ['keycloak']],
    ["by a path through a name with dots: Keycloak's client roles", 'resource_access.my.client.roles', ['client']],
    ["by a name that is an address: Auth0's", 'https://example.com/roles', ['auth0']],
    ['by the literal name first', 'a.b', { 'c.d': 'deep', c: { d: 'wrong' } }],
    ['by the literal name first, at every level', 'a.b.c.d', 'deep'],
    ['by whatever path leads somewhere', 'a.only', 'here'],
    ['around a dead end', 'dead.end.there', 'behind it'],
    ['not beyond a text', 'roles.0.length', undefined],
    ['not beyond null', 'nothing.there', undefined],
    ['not by half a name', 'realm', undefined],
    ['not by an empty name', '', undefined],
    ['not by a dot', '.', undefined],
    ['not from the prototype', 'constructor', undefined],
    ['not from the prototype, by a path', 'realm_access.constructor.name', undefined],
    ['not from __proto__', '__proto__', undefined],
  ])('a claim is found %s', (_, path, expected) => {
    expect(claimAt(claims, path)).toEqual(expected);
  });

  test.each([null, undefined, 'text', 7, true])('a claim of %j is undefined', (value) => {
    expect(claimAt(value, 'roles')).toBeUndefined();
  });
});

test.each([
  ['a list', ['a', 'b', 'a'], ['a', 'b']],
  ['a text of words, as scope is', 'a b', ['a', 'b']],
  ['a list, with whatever else is in it left out', ['a', 1, null, ['b'], { c: 'c' }], ['a']],
  ['no object', { a: true, length: 1, 0: 'a' }, []],
  ['no number', 5, []],
  ['nothing', undefined, []],
  ['null', null, []],
])('names are read from %s', (_, claim, expected) => {
  expect([...namesIn(claim)]).toEqual(expected);
});
