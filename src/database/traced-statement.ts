import type { Pool, PoolClient } from 'pg';
import { inSpan, isTracing, SpanKind, type Step } from '../lib/tracing.ts';

/** The most characters of a statement that are recorded. */
const LONGEST_TEXT = 2_000;

/** Literals of SQL: dollar-quoted and quoted text (with backslashes behind E), numbers; and names, which are kept. */
const LITERAL =
  /"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|\$\d+|\b[a-z_]\w*|\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi;

/** Returns the statement with `?` for every value. */
export function withoutValues(sql: string): string {
  // A text that was cut in the middle of a literal would show the half of it.
  return sql.replaceAll(LITERAL, (token) => (/^(?:"|\$\d+$|[a-z_](?!'))/i.test(token) ? token : '?'));
}

const VERB = /^\s*(\w+)/;
const TABLE = /\b(?:from|into|update)\s+"?(\w+)"?/i;

function describe(sql: string): Step {
  const text = withoutValues(sql);
  const operation = VERB.exec(text)?.[1]?.toUpperCase() ?? 'SQL';
  const table = TABLE.exec(text)?.[1];
  return {
    name: table === undefined ? operation : `${operation} ${table}`,
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      ...(table === undefined ? {} : { 'db.collection.name': table }),
      'db.query.text': text.slice(0, LONGEST_TEXT),
    },
  };
}

/** Sends a statement, in a span if the operation is recorded. */
export function traceStatement<Result>(sql: string, send: () => Promise<Result>): Promise<Result> {
  return inSpan(() => describe(sql), send);
}

/** Records the statements of a pool's connections. Without an SDK of OpenTelemetry they stay as they are. */
export function traceStatements(pool: Pool): void {
  if (isTracing()) {
    pool.on('connect', traceClient);
  }
}

function traceClient(client: PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const traced = (...args: unknown[]): unknown => {
    const [first] = args;
    const answer = (): unknown => query(...args);
    // Streams and callbacks tell their end otherwise: they are not recorded.
    return typeof first === 'string' && args.every((arg) => typeof arg !== 'function')
      ? traceStatement(first, () => Promise.resolve(answer()))
      : answer();
  };
  Object.assign(client, { query: traced });
}
