import { existsSync } from 'node:fs';
import {
  accessMatrix,
  type AccessMatrix,
  diffMatrices,
  matrixCsv,
  type MatrixChange,
  matrixJson,
  matrixMarkdown,
  overallDirection,
  parseMatrix,
  PolicyError,
  type ReviewedMatrix,
} from '../../access/index.ts';
import { listInShort } from '../../access/policy/policy-error.ts';
import { readBytes, similarFile, writeGenerated } from '../output.ts';
import { locateProblems } from './places.ts';
import { type AccessCommandInput, LISTS_ALL, policyFor, readOptions, textOption, UsageError } from './usage.ts';

const FORMATS = new Map([
  ['md', matrixMarkdown],
  ['json', matrixJson],
  ['csv', matrixCsv],
]);

/** The command that writes the reviewed file, in this repository. */
const KEEP = 'npm run access -- matrix --write';

const HEADLINES = {
  widened: 'Access has WIDENED',
  narrowed: 'Access has narrowed',
  both: 'Access has WIDENED and narrowed',
} as const satisfies Record<MatrixChange['direction'], string>;

const SIGNS = { widened: '+', narrowed: '-', both: '±' } as const satisfies Record<MatrixChange['direction'], string>;

/** Prints the access matrix, or writes it to the reviewed file. */
export async function matrixCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  const options = readOptions(args, { format: { type: 'string' }, write: { type: 'boolean' } }, 0);
  const format = textOption(options, 'format') ?? 'md';
  const render = FORMATS.get(format);
  if (render === undefined) {
    throw new UsageError(`There is no format "${format}"; there are ${[...FORMATS.keys()].join(', ')}.`);
  }
  const matrix = currentMatrix(io);
  reportTolerated(io);
  if (!options.values.has('write')) {
    io.out(render(matrix).trimEnd());
    return 0;
  }
  if (format !== 'md') {
    throw new UsageError('The reviewed file is Markdown: --write goes with --format md only.');
  }
  await writeGenerated(io.matrixFile, matrixMarkdown(matrix), holdsMatrix);
  io.out(`Wrote ${io.matrixFile}`);
  return 0;
}

/**
 * Compares the access matrix with the reviewed file; the first line of the output says in which direction it has
 * changed.
 */
export async function checkCommand(args: readonly string[], io: AccessCommandInput): Promise<number> {
  readOptions(args, {}, 0);
  const reviewed = await readReviewed(io);
  if (reviewed === null) {
    return 1;
  }
  const changes = diffMatrices(reviewed, currentMatrix(io), policyFor(io).roles);
  const direction = overallDirection(changes);
  if (direction === null) {
    io.out('Access is as it was reviewed');
    return 0;
  }
  const lines = changes.map((change) => `  ${SIGNS[change.direction]} ${change.coordinate}: ${change.text}`);
  const advice = `If that is intended, update the reviewed file with: ${io.keep ?? KEEP}`;
  io.err([`${HEADLINES[direction]} since it was reviewed:`, ...lines, '', advice].join('\n'));
  return 1;
}

/**
 * Lists what the options, or those of the guard, tolerate: fields without a decision, and what a guard that enforces would
 * refuse.
 */
function reportTolerated(io: AccessCommandInput): void {
  const { undecided, problems } = policyFor(io);
  const report = (headline: string, lines: Parameters<typeof listInShort>[0]): void => {
    if (lines.length > 0) {
      const shown = listInShort(lines, io.listsAll ? lines.length : undefined, LISTS_ALL);
      io.err([`${headline} (${lines.length}):`, ...shown, ''].join('\n'));
    }
  };
  report(
    'Undecided',
    undecided.map((coordinate) => ({ coordinate, line: coordinate })),
  );
  const located = locateProblems(new PolicyError(problems), io.schema).problems;
  report(
    'Refused when the guard enforces',
    located.map(({ coordinate, message }) => ({ coordinate, line: `${coordinate}: ${message}` })),
  );
}

function currentMatrix(io: AccessCommandInput): AccessMatrix {
  return accessMatrix(policyFor(io), { rolePermissions: io.rolePermissions });
}

/** Returns true for the text of a matrix, also of one that cannot be read, such as a merge with conflicts. */
function holdsMatrix(text: string): boolean {
  return /^\| coordinate \|.*\| requirements \|\s*$/m.test(text);
}

async function readReviewed(io: AccessCommandInput): Promise<ReviewedMatrix | null> {
  const { matrixFile, err, keep = KEEP } = io;
  if (!existsSync(matrixFile)) {
    err(`${matrixFile} does not exist.${similarFile(matrixFile)} Write it with: ${keep}`);
    return null;
  }
  const text = (await readBytes(matrixFile)).toString('utf8');
  if (text.trim() !== '' && !holdsMatrix(text)) {
    err(`${matrixFile} holds no access matrix: name the file that "matrix --write" has written.`);
    return null;
  }
  try {
    return parseMatrix(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      err(`${matrixFile} cannot be read. ${error.message}. Write it again with: ${keep}`);
      return null;
    }
    throw error;
  }
}
