/** Stryker's report, as far as it is read (https://github.com/stryker-mutator/mutation-testing-elements, schema 2). */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly RawMutant[] }>>;
}

interface RawMutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Lines and columns begin with 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** One change of the source, and what became of it. */
export interface Mutant {
  /** Below `src/access/`. */
  readonly file: string;
  readonly line: number;
  readonly status: string;
  /** Its place, as Stryker's option `mutate` takes it. */
  readonly range: string;
  /** The statement that is changed, before and after: `file: a < b ⇒ a <= b`. The same wherever its line is. */
  readonly key: string;
}

/** Every mutant of a report, by file and line. */
export function mutantsOf({ files }: MutationReport): Mutant[] {
  return Object.entries(files)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, { source, mutants }]) => {
      const lines = source.split('\n');
      const file = path.replace('src/access/', '');
      return mutants
        .toSorted((a, b) => a.location.start.line - b.location.start.line)
        .map((mutant): Mutant => {
          const key = `${file}: ${changeOf(mutant, lines)}`;
          const { start, end } = mutant.location;
          // The option counts columns from 0.
          const range = `${path}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
          return { file, line: start.line, status: mutant.status, range, key };
        });
    });
}

/** The lines that a mutant changes, before and after. */
function changeOf({ location, replacement = '' }: RawMutant, lines: readonly string[]): string {
  const { start, end } = location;
  const before = lines.slice(start.line - 1, end.line);
  const [first = '', last = ''] = [before[0], before.at(-1)];
  const after = `${first.slice(0, start.column - 1)}${replacement}${last.slice(end.column - 1)}`;
  return `${oneLine(before.join(' '))} ⇒ ${oneLine(after)}`;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
