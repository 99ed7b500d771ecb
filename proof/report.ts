/** Writes the figures of a proof, a line each, as `proof/RESULTS-*.md` hold them. */
export function report(title: string, figures: Readonly<Record<string, number | string>>): void {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`| ${title} | ${text.join(', ')} |\n`);
}
