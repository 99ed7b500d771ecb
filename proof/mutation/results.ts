import type { Mutant } from './mutants.ts';

/** Why mutants survive: a reason, and the keys of those for which it holds. */
export type Reasons = readonly { readonly reason: string; readonly mutants: readonly string[] }[];

const COUNTED = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored'] as const;

/** The share of mutants that tests noticed, in percent: of all that were tried, and of those that no test reaches. */
export function scoreOf(mutants: readonly Mutant[]): number {
  const noticed = count(mutants, 'Killed') + count(mutants, 'Timeout');
  return (100 * noticed) / (mutants.length - count(mutants, 'Ignored'));
}

/** Mutants that no test noticed. */
export function survivorsOf(mutants: readonly Mutant[]): Mutant[] {
  return mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
}

/** Returns mutants with what became of them on graphql 17 if no test on graphql 16 notices them. */
export function withGraphql17(mutants: readonly Mutant[], on17: readonly Mutant[]): Mutant[] {
  const noticed = new Set(on17.filter(({ status }) => status === 'Killed' || status === 'Timeout').map(placeOf));
  const survivors = new Set(survivorsOf(mutants));
  return mutants.map((mutant) =>
    survivors.has(mutant) && noticed.has(placeOf(mutant)) ? { ...mutant, status: 'Killed' } : mutant,
  );
}

function placeOf({ range, key }: Mutant): string {
  return `${range} ${key}`;
}

/** The keys of survivors for which no reason is written down. */
export function unexplained(mutants: readonly Mutant[], reasons: Reasons): string[] {
  const known = new Set(reasons.flatMap((one) => one.mutants));
  return survivorsOf(mutants)
    .map(({ key }) => key)
    .filter((key) => !known.has(key));
}

/** The keys that a reason is written down for, though nothing in the files that were tried survives that has them. */
export function outdated(mutants: readonly Mutant[], reasons: Reasons): string[] {
  const keys = new Set(survivorsOf(mutants).map(({ key }) => key));
  const tried = new Set(mutants.map(({ file }) => file));
  return reasons.flatMap((one) => one.mutants).filter((key) => !keys.has(key) && tried.has(key.split(': ')[0] ?? ''));
}

/** Groups mutants by directory. */
export function byDirectory(mutants: readonly Mutant[]): ReadonlyMap<string, readonly Mutant[]> {
  return Map.groupBy(mutants, ({ file }) => `src/access/${file}`.split('/').slice(0, -1).join('/'));
}

/** The table of scores: in all, and for each directory. */
export function scoreTable(mutants: readonly Mutant[]): string {
  const lines = [...byDirectory(mutants)].map(([name, own]) => scoreLine(`\`${name}\``, own));
  return [
    '| directory | score | mutants | killed | did not end | survived | reached by no test | not tried |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    scoreLine('**all**', mutants),
  ].join('\n');
}

function scoreLine(name: string, mutants: readonly Mutant[]): string {
  const counts = COUNTED.map((status) => count(mutants, status));
  const score = scoreOf(mutants);
  const shown = Number.isNaN(score) ? '–' : `${score.toFixed(1)} %`;
  return `| ${name} | ${shown} | ${mutants.length} | ${counts.join(' | ')} |`;
}

function count(mutants: readonly Mutant[], status: string): number {
  return mutants.filter((mutant) => mutant.status === status).length;
}

/** The survivors, by reason; those without one at the end. */
export function survivorList(mutants: readonly Mutant[], reasons: Reasons): string {
  const survivors = survivorsOf(mutants);
  const rest = { reason: 'Without a reason yet', mutants: unexplained(mutants, reasons) };
  const sections = [...reasons, rest].flatMap(({ reason, mutants: keys }) => {
    const known = new Set(keys);
    const lines = survivors.filter(({ key }) => known.has(key)).map(survivorLine);
    return lines.length === 0 ? [] : [`### ${reason}\n\n${lines.join('\n')}`];
  });
  return sections.join('\n\n');
}

function survivorLine({ file, line, key }: Mutant): string {
  return `- ${file}:${line} \`\` ${key.replace(`${file}: `, '')} \`\``;
}
