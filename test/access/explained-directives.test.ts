import { type DocumentNode, parse, versionInfo } from 'graphql';
import { describe, expect, test } from 'vitest';
import { explainAccess } from '../../src/access/index.ts';
import { policyOfSdl, viewer } from './support.ts';

describe('what directives are supplied with', () => {
  const sorted = policyOfSdl(`
    directive @sort(by: Order, deep: Deep) repeatable on FIELD | QUERY | FRAGMENT_DEFINITION
    type Account @public { iban: String @auth(requires: ADMIN) name: String }
    enum Order { NAME IBAN @reads(fields: ["Account.iban"]) }
    input Deep { by: [Order] }
    type Query @public { accounts: [Account] }
  `);
  const denied = (operation: string | DocumentNode, variables = {}): string[] =>
    explainAccess(sorted, { viewer: viewer('USER'), operation, variables })
      .coordinates.filter(({ verdict }) => verdict === 'denied')
      .map(({ coordinate, lines }) => `${coordinate} ${lines.join()}`);

  test.each<readonly [string, object, readonly string[]]>([
    ['{ accounts @sort(by: NAME) { name } }', {}, []],
    ['{ accounts\n@sort(by: IBAN) { name } }', {}, ['Order.IBAN 2']],
    ['{ accounts { name\n@sort(by: NAME)\n@sort(deep: { by: [NAME, IBAN] }) } }', {}, ['Order.IBAN 3']],
    ['query @sort(by: IBAN) { accounts { name } }', {}, ['Order.IBAN 1']],
    ['query ($by: Order) { accounts @sort(by: $by) { name } }', {}, ['Order.IBAN 1']],
    ['query ($by: Order) { accounts @sort(by: $by) { name } }', { by: 'NAME' }, []],
    ['query ($by: Order) { accounts @sort(by: $by) { name } }', { by: 'IBAN' }, ['Order.IBAN 1']],
    ['{ accounts { ...F } } fragment F on Account @sort(by: IBAN) { name }', {}, ['Order.IBAN 1']],
    // The guard judges them all, since a resolver finds them all.
    ['{ accounts { name @skip(if: true) @sort(by: IBAN) } }', {}, ['Order.IBAN 1']],
  ])('%s', (operation, variables, expected) => {
    expect(denied(operation, variables)).toEqual(expected);
  });

  test.each(
    versionInfo.major < 17
      ? []
      : ([
          ['{ accounts { ...F(x: IBAN) } } fragment F($x: Order) on Account { name @sort(by: $x) }', ['Order.IBAN 1']],
          ['{ accounts { ...F(x: NAME) } } fragment F($x: Order) on Account { name @sort(by: $x) }', []],
          ['{ accounts { ...F } } fragment F($x: Order = IBAN) on Account { name @sort(by: $x) }', ['Order.IBAN 1']],
          ['{ accounts { ...F(no: false) } } fragment F($no: Boolean!) on Account { iban @include(if: $no) name }', []],
          [
            '{ accounts { ...F(yes: true) } } fragment F($yes: Boolean!) on Account { iban @include(if: $yes) }',
            ['Account.iban 1'],
          ],
        ] as const),
  )('with arguments of fragments: %s', (source, expected) => {
    const options: object = { experimentalFragmentArguments: true };
    expect(denied(parse(source, options))).toEqual(expected);
  });
});
