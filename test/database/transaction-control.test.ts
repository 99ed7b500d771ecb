import { describe, expect, it } from 'vitest';
import { requireRead, requireScope, requireText } from '../../src/database/transaction-control.ts';

const LEAVES_SCOPE = [
  'reset role',
  'RESET ALL;',
  'reset session authorization',
  'set role rolegate_system',
  'set session role x',
  "set  role = 'rolegate_system'",
  'set "role" to x',
  'set/* a comment */role x',
  'set session authorization postgres',
  'set session_authorization = postgres',
  `set "rolegate"."viewer_id" = 'x'`,
  `set "rolegate.viewer_id" = 'x'`,
  'reset rolegate.rights',
  'discard all',
  '-- a comment\nreset role',
  '/* a comment */ reset role',
  'select 1; reset role',
  "select ';'; reset role",
  'select $$;$$; reset role',
  "select e'\\''; reset role; --'",
  'select "it\'s" from t; reset role',
  "select set_config('role', 'x', true)",
  `select pg_catalog."set_config"('role', 'x', true)`,
  "select set_config('statement_timeout', '100', true), set_config('ROLE', 'x', true)",
  "select set_config('ro' || 'le', 'x', true)",
  "select set_config(e'role', 'x', true)",
  `select U&"\\0073et_config"('role', 'x', true)`,
  "with a as (select set_config('rolegate.viewer_id', 'x', true)) select * from a",
];

/** Statements whose effect ends with the transaction: they concern only the work that shares it. */
const ENDS = [
  'set local role none',
  'select 1; set local "role" = none',
  "set local rolegate.viewer_id = 'x'",
  'commit',
  'END',
  'rollback',
  'abort',
  'begin',
  'start transaction',
  "prepare transaction 'x'",
  'set transaction read write',
  'set session characteristics as transaction read write',
  'set local transaction_read_only = off',
  'do $$ begin perform 1; end $$',
  'copy documents to stdout',
  'select 1; commit',
];

const HARMLESS = [
  'select 1',
  'select role from role_assignments',
  "select 'reset role'",
  "select '; reset role'",
  "select 'it''s; reset role'",
  "select e'\\'; reset role'",
  "select $x$; set role a; set_config $x$, ';'",
  'select 1 /* ; reset role */; select 2 -- ; reset role',
  'select offset_config, settings, u, "set role" from t order by "reset"',
  'select case when a then 1 end from t',
  'savepoint trx1',
  'rollback to savepoint trx1',
  'with reset as (select 1) select * from reset;',
  'set local statement_timeout = 1000',
  "select set_config('statement_timeout', '100', true)",
  'update t set role = 1',
];

describe('SQL in a transaction', () => {
  it.each(LEAVES_SCOPE)('may not leave the row scope: %s', (sql) => {
    expect(() => requireScope(sql)).toThrow('is not available');
    expect(() => requireRead(sql)).toThrow('is not available');
  });

  it.each(ENDS)('may not end the transaction of reads, or leave its row scope: %s', (sql) => {
    expect(() => requireRead(sql)).toThrow('is not available where rows are only read');
    expect(() => requireScope(sql)).not.toThrow();
  });

  it.each(HARMLESS)('may do anything else: %s', (sql) => {
    expect(() => requireRead(sql)).not.toThrow();
  });

  it.each([[undefined], [null], [{}], [['select 1']], ["select '\0'"]])(
    'is text without zero bytes: %j',
    (statement) => {
      expect(() => requireText(statement)).toThrow(TypeError);
    },
  );
});

describe('a statement of ten million characters', () => {
  it.each(['; ', "''; ", '$a$; ', '/* ; ', '-- ;\n', '"; '])(
    'a statement with a literal full of %j is read',
    (unit) => {
      const literal = `'${unit.repeat(10_000_000 / unit.length)}'`;
      expect(() => requireRead(`select ${literal}`)).not.toThrow();
      expect(() => requireRead(`select ${literal}; reset role`)).toThrow('"reset role" is not available');
    },
  );
});
