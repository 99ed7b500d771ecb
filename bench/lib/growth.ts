import { exponent, fixed, median, range } from './statistics.ts';
import { type Plot, svg } from './plot.ts';

/** The expected growth of a line: constant (at most half as much again), or at most linear in x. */
export type Expected = 'constant' | 'linear';

/** Everything that was measured at one x, round by round. */
export interface Point {
  readonly x: number;
  readonly ys: readonly number[];
}

export interface Line {
  readonly name: string;
  readonly expected: Expected;
  readonly points: readonly Point[];
}

/** A quantity as a function of another. */
export interface Curve {
  /** Names the plot's file. */
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly note: string;
  readonly lines: readonly Line[];
}

const CONSTANT = 1.5;
const NOISE = 0.1;

function medians({ points }: Line): [number, number][] {
  return points.map(({ x, ys }) => [x, median(ys)]);
}

/** The exponent over all points, and over the upper half, where what is constant weighs least. */
function growthOf(line: Line): { whole: number; upper: number; factor: number } {
  const all = medians(line);
  const upper = all.slice(Math.floor((all.length - 1) / 2));
  const [first, last] = [all[0]?.[1] ?? Number.NaN, all.at(-1)?.[1] ?? Number.NaN];
  return { whole: exponent(all), upper: exponent(upper), factor: last / first };
}

function inWords(power: number): string {
  if (Math.abs(power) <= NOISE) {
    return 'constant';
  }
  if (power < 0) {
    return 'falls';
  }
  return power < 1 - NOISE ? 'less than linear' : power <= 1 + NOISE ? 'linear' : 'more than linear';
}

function holds(line: Line): boolean {
  const { whole, upper, factor } = growthOf(line);
  return line.expected === 'constant' ? factor <= CONSTANT : Math.max(whole, upper) <= 1 + NOISE;
}

function verdict(line: Line): string {
  const { whole, upper, factor } = growthOf(line);
  const [{ x: from } = { x: Number.NaN }] = line.points;
  const to = line.points.at(-1)?.x ?? Number.NaN;
  const sizes = `${from.toLocaleString('en')} to ${to.toLocaleString('en')}`;
  const target = line.expected === 'constant' ? `at most ${CONSTANT} times` : 'at most linear';
  const growth = `x^${fixed(whole)}, in the upper half x^${fixed(upper)}`;
  return (
    `- **${line.name}**: ${inWords(upper)} (${growth}); from ${sizes} ${fixed(factor)} times as much. ` +
    `Target: ${target}: ${holds(line) ? 'met' : '**missed**'}.`
  );
}

function cell(line: Line, at: number): string {
  const ys = line.points.find((point) => point.x === at)?.ys;
  return ys === undefined ? '' : `${Number(median(ys).toPrecision(3))} (${range(ys)})`;
}

function table({ x, lines }: Curve): string[] {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.x)))].toSorted((a, b) => a - b);
  return [
    `| ${x} | ${lines.map(({ name }) => name).join(' | ')} |`,
    `| --- | ${lines.map(() => '---').join(' | ')} |`,
    ...xs.map((at) => `| ${at.toLocaleString('en')} | ${lines.map((line) => cell(line, at)).join(' | ')} |`),
  ];
}

/** The curve as a drawing. */
export function plotOf({ title, x, y, lines }: Curve): string {
  const plot: Plot = {
    title,
    x,
    y,
    lines: lines.map(({ name, points }) => ({
      name,
      points: points.map(({ x, ys }) => ({ x, y: median(ys), low: Math.min(...ys), high: Math.max(...ys) })),
    })),
  };
  return svg(plot);
}

/** The curve in words and figures. */
export function describe(curve: Curve): string[] {
  const { title, y, note, lines } = curve;
  return [
    `## ${title}`,
    '',
    `${note} In ${y}: medians, and the range of the rounds.`,
    '',
    ...lines.map(verdict),
    '',
    ...table(curve),
    '',
    `![${title}](plots/${curve.name}.svg)`,
    '',
  ];
}
