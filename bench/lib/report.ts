import { availableParallelism, cpus } from 'node:os';
import { type Contestant, LIMIT, SUBJECT, type Policies } from '../contestants.ts';
import type { Measured } from '../load.ts';
import { fixed, median, range } from './statistics.ts';

/** The measurements of one contestant for one page size, round by round. */
export interface Series {
  readonly name: string;
  readonly policies: Policies;
  readonly rows: number;
  readonly rounds: readonly Measured[];
}

/** The results of a run. */
export interface Outcome {
  readonly at: string;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly node: string;
  readonly postgres: string;
  readonly machine: string;
  /** Whether the server that is measured has a processor that it shares with no other process of the run. */
  readonly serversAlone: boolean;
  readonly statements: Readonly<Record<Policies, Readonly<Record<string, readonly string[]>>>>;
  readonly series: readonly Series[];
}

export function machine(): string {
  return `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
}

const HEADINGS: Record<Policies, string> = {
  with: 'With row-level security',
  without: 'Without row-level security',
};

const EXPLANATIONS: Record<Policies, string> = {
  with: 'Each operation is a transaction that takes a role and tells who asks; all send the same statements (below).',
  without: 'No policy on any table; the login owns them. All send the list query by itself.',
};

/** Microseconds of processor time for each request. */
function cost(rounds: readonly Measured[], of: keyof Measured['cpu']): string {
  const each = rounds.map(({ cpu, requests }) => ((cpu[of] ?? Number.NaN) * 1e6) / requests);
  return Number.isNaN(median(each)) ? '–' : fixed(median(each), 0);
}

function share(rounds: readonly Measured[], of: keyof Measured['cpu']): string {
  const each = rounds.map(({ cpu, seconds }) => ((cpu[of] ?? Number.NaN) * 100) / seconds);
  return Number.isNaN(median(each)) ? '–' : fixed(median(each), 0);
}

/** Returns the ratio to the handler by hand, round by round. */
function ratios(series: Series, limit: Series | undefined): number[] {
  return series.rounds.map(({ perSecond }, round) => perSecond / (limit?.rounds[round]?.perSecond ?? Number.NaN));
}

function line(title: string, series: Series, limit: Series | undefined): string {
  const { rounds } = series;
  const rates = rounds.map(({ perSecond }) => perSecond);
  const cells = [
    series.name === SUBJECT ? `**${title}**` : title,
    fixed(median(rates), 0),
    range(rates, 0),
    `**${fixed(median(ratios(series, limit)))}**`,
    range(ratios(series, limit)),
    fixed(median(rounds.map(({ p50 }) => p50)), 1),
    fixed(median(rounds.map(({ p99 }) => p99)), 1),
    fixed(median(rounds.map(({ p50, p99 }) => p99 / p50)), 1),
    cost(rounds, 'server'),
    cost(rounds, 'postgres'),
    [share(rounds, 'load'), share(rounds, 'server'), share(rounds, 'postgres')].join(' / '),
  ];
  return `| ${cells.join(' | ')} |`;
}

const HEAD = [
  '| server | req/s | range | of the handler | range | p50 ms | p99 ms | p99/p50 | µs server | µs PostgreSQL | % load / server / PostgreSQL |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

function table(outcome: Outcome, contestants: readonly Contestant[], policies: Policies, rows: number): string[] {
  const series = outcome.series.filter((one) => one.policies === policies && one.rows === rows);
  const limit = series.find(({ name }) => name === LIMIT);
  const title = (name: string): string => contestants.find((one) => one.name === name)?.title ?? name;
  return [`### ${rows} accounts`, '', ...HEAD, ...series.map((one) => line(title(one.name), one, limit)), ''];
}

/** Returns the contestants whose statements differ from Rolegate's. */
export function strangers(statements: Readonly<Record<string, readonly string[]>>): string[] {
  const own = statements[SUBJECT]?.join('\n');
  return Object.keys(statements).filter((name) => own !== undefined && statements[name]?.join('\n') !== own);
}

function listOf(statements: readonly string[] | undefined): string {
  return ['```sql', ...(statements ?? []).map((one) => `${one};`), '```', ''].join('\n');
}

function statementsSection({ statements }: Outcome, policies: Policies): string[] {
  const sent = statements[policies];
  const different = strangers(sent);
  if (different.length === 0) {
    return ['What each of them sends, overheard on the wire:', '', listOf(sent[SUBJECT])];
  }
  return [
    `**Not all send the same.** Overheard on the wire, ${SUBJECT}:`,
    '',
    listOf(sent[SUBJECT]),
    ...Map.groupBy(different, (name) => listOf(sent[name]))
      .entries()
      .map(([list, names]) => `${names.join(', ')}:\n\n${list}`),
  ];
}

function section(outcome: Outcome, contestants: readonly Contestant[], policies: Policies): string {
  const pages = [...new Set(outcome.series.map(({ rows }) => rows))];
  const tables = pages.flatMap((rows) => table(outcome, contestants, policies, rows));
  const lines = [
    `## ${HEADINGS[policies]}`,
    '',
    EXPLANATIONS[policies],
    '',
    ...tables,
    ...statementsSection(outcome, policies),
  ];
  return lines.join('\n');
}

/** RESULTS.md. */
export function report(outcome: Outcome, contestants: readonly Contestant[]): string {
  const { series, rounds, seconds, connections } = outcome;
  const variants = (['with', 'without'] as const).filter((policies) => series.some((one) => one.policies === policies));
  return [
    '# From a request to its answer',
    '',
    ...(outcome.isQuick ? ['**A quick run, or a run on a busy machine: preliminary.**', ''] : []),
    `A page of accounts with 7 fields, Bearer token, ${connections} connections, over HTTP; each server a process of its own on`,
    `Node ${outcome.node}, PostgreSQL ${outcome.postgres} and the load generator on the same machine (${outcome.machine}).`,
    `Medians of rounds (${rounds}) of ${seconds} s, the servers in turn; ranges are from the worst to the best round. "Of the handler"`,
    'compares with the handler by hand in the same round. µs are processor time for each request, all threads. How to read',
    'it: [README.md](README.md). Answers and statements were compared before anything was timed.',
    outcome.serversAlone
      ? 'The server that is measured has a processor for itself; PostgreSQL and the load generator have the others.'
      : 'The system places the processes on the processors: a fast server waits for one now and then (last column).',
    '',
    ...variants.map((policies) => section(outcome, contestants, policies)),
    'Made by `npm run bench` in `bench/`; every round is in [RESULTS.json](RESULTS.json).',
    '',
  ].join('\n');
}
