/** One line of a plot: its points in order of x. */
export interface PlotLine {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly low: number; readonly high: number }[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly PlotLine[];
}

const [WIDTH, HEIGHT] = [640, 400];
const FRAME = { left: 64, right: 32, top: 40, bottom: 48 };
const COLOURS = ['#1f5fa8', '#c2571a', '#2b7a4b', '#7a3d94'];

type Scale = (value: number) => number;

/** Puts logarithms between two pixels. */
function logarithmic(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => from + ((Math.log(value) - low) / (high - low || 1)) * (to - from);
}

/** 1, 2 and 5 times the powers of ten that lie within; the powers alone when those are many. */
function ticks(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const steps = high / low > 1_000 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: 14 }, (_, index) => 10 ** (index - 4));
  return powers.flatMap((power) => steps.map((step) => step * power)).filter((at) => at >= low && at <= high);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function label(x: number, y: number, text: string, anchor = 'middle'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(text)}</text>`;
}

function stroke(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  const at = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${at[0]}" y1="${at[1]}" x2="${at[2]}" y2="${at[3]}" stroke="${colour}"/>`;
}

const number = (value: number): string => value.toLocaleString('en');

function axes({ x, y }: Plot, xs: readonly number[], ys: readonly number[], across: Scale, up: Scale): string[] {
  const bottom = HEIGHT - FRAME.bottom;
  return [
    ...ticks(xs).flatMap((at) => [
      stroke(across(at), FRAME.top, across(at), bottom, '#e4e4e4'),
      label(across(at), bottom + 18, number(at)),
    ]),
    ...ticks(ys).flatMap((at) => [
      stroke(FRAME.left, up(at), WIDTH - FRAME.right, up(at), '#e4e4e4'),
      label(FRAME.left - 8, up(at) + 4, number(at), 'end'),
    ]),
    label((FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 8, x),
    label(FRAME.left, FRAME.top - 8, y, 'start'),
  ];
}

function draw({ name, points }: PlotLine, index: number, across: Scale, up: Scale): string[] {
  const colour = COLOURS[index % COLOURS.length] ?? '';
  const path = points.map(({ x, y }) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`).join(' ');
  const top = FRAME.top + 8 + 16 * index;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(({ x, low, high }) => stroke(across(x), up(low), across(x), up(high), colour)),
    ...points.map(
      ({ x, y }) => `<circle cx="${across(x).toFixed(1)}" cy="${up(y).toFixed(1)}" r="3" fill="${colour}"/>`,
    ),
    `<rect x="${FRAME.left + 12}" y="${top - 9}" width="10" height="10" fill="${colour}"/>`,
    label(FRAME.left + 28, top, name, 'start'),
  ];
}

/** An SVG of lines on logarithmic axes, with a bar from the least to the greatest of each point. */
export function svg(plot: Plot): string {
  const points = plot.lines.flatMap((line) => line.points);
  const xs = points.map(({ x }) => x);
  const ys = points.flatMap(({ low, high }) => [low, high]);
  const across = logarithmic(xs, FRAME.left, WIDTH - FRAME.right);
  const up = logarithmic(ys, HEIGHT - FRAME.bottom, FRAME.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${WIDTH / 2}" y="18" text-anchor="middle" font-size="14">${escape(plot.title)}</text>`,
    ...axes(plot, xs, ys, across, up),
    ...plot.lines.flatMap((line, index) => draw(line, index, across, up)),
    '</svg>',
    '',
  ].join('\n');
}
