import { execFile } from 'node:child_process';
import type { CommandOutput } from './output.ts';

export const UPGRADE_USAGE = `Usage: npm run upgrade -- check [release]

  check   show what git merge of a release will meet: files of Rolegate that you have changed, conflicts,
          migrations and settings that are new. Without a release: the newest tag v*. Changes nothing.`;

/** The dependencies of the command. */
export interface UpgradeOutput extends CommandOutput {
  /** The folder of the clone. */
  readonly project: string;
}

/** The owner of a file. */
type Owner = 'yours' | 'shared' | 'generated' | 'ours';

/** The files that are written by commands: whichever side is taken, the command writes them again. */
const GENERATED =
  /^(?:src|test|console\/src|examples\/typed-client)\/generated\/|^schema\/ACCESS\.md$|package-lock\.json$/;

/** The files in which both sides list their parts: the lines of both are kept. */
const SHARED = new Set([
  'package.json',
  'codegen.yml',
  '.env.example',
  'src/schema.ts',
  'src/database/entities/index.ts',
  'src/database/migrations/index.ts',
  'src/database/events/actions.ts',
  'src/database/scopes.ts',
]);

/** The files that a team makes its own after the clone. */
const YOURS = /^(?:src\/plugins\.ts$|deploy\/|README\.md$|compose\.yaml$|Dockerfile$|\.env$|\.github\/|\.gitlab)/;

/** The sample subjects: a team keeps, changes or removes them. */
const SAMPLES =
  /^(?:src\/modules|test\/modules)\/(?:accounts|documents|inventory|messages)\/|^schema\/(?:accounts|documents|inventory|messages)\.graphql$/;

/** Returns the owner of a file. A file that a team has added belongs to the team. */
export function ownerOf(path: string, isAdded: boolean): Owner {
  if (GENERATED.test(path)) {
    return 'generated';
  }
  if (isAdded || YOURS.test(path) || SAMPLES.test(path)) {
    return 'yours';
  }
  return SHARED.has(path) ? 'shared' : 'ours';
}

/** Git answered with an error. The message is one sentence. */
class GitFailure extends Error {}

/** The `upgrade` commands. Returns the exit code: 0 if the release merges without a conflict, 1 if not. */
export async function upgradeCommand(args: readonly string[], output: UpgradeOutput): Promise<number> {
  const [command, release] = args;
  if (command !== 'check' || args.length > 2 || release?.startsWith('-') === true) {
    output.err(UPGRADE_USAGE);
    return 2;
  }
  try {
    return await check(release ?? null, output);
  } catch (error) {
    if (!(error instanceof GitFailure)) {
      throw error;
    }
    output.err(error.message);
    return 1;
  }
}

async function check(given: string | null, { out, err, project }: UpgradeOutput): Promise<number> {
  const git = gitIn(project);
  const release = given ?? (await newestRelease(git));
  const theirs = await commitOf(git, release);
  const base = await baseOf(git, theirs);
  if (base === theirs) {
    out(`You have ${release} already.`);
    return 0;
  }
  if ((await git(['status', '--porcelain', '--untracked-files=no'])).text !== '') {
    err('There are uncommitted changes, which this check ignores. Commit them before you merge.');
  }
  const changed = await changedFiles(git, base);
  const conflicts = await conflictsWith(git, theirs);
  const owned = (path: string): Owner => ownerOf(path, changed.get(path) === 'A');
  const ours = [...changed.keys()].filter((path) => owned(path) === 'ours');
  section(out, 'Files of Rolegate that you have changed: move what you can into files of your own', ours);
  for (const [owner, advice] of ADVICE) {
    section(
      out,
      advice,
      conflicts.filter((path) => owned(path) === owner),
    );
  }
  section(out, 'Migrations that will run', await newMigrations(git, theirs));
  section(out, 'Settings that are new: see .env.example', await newSettings(git, 'HEAD', theirs));
  section(out, 'Settings that the release has removed', await newSettings(git, theirs, 'HEAD', base));
  out(
    conflicts.length === 0
      ? `${release} merges without a conflict.`
      : `${release} merges with ${conflicts.length} conflicts.`,
  );
  out(
    `Next: a backup; git merge ${release}; npm ci; npm run codegen; npm run access -- check; npm test; docs/upgrading.md.`,
  );
  return conflicts.length === 0 ? 0 : 1;
}

/** Advice about a conflict, by the owner of the file. */
const ADVICE: readonly (readonly [Owner, string])[] = [
  ['ours', 'Conflicts in files of Rolegate: take the side of the release, then make your change again, or elsewhere'],
  ['yours', 'Conflicts in files that are yours: take your side, and read what has changed in the release'],
  ['shared', 'Conflicts in lists that both sides extend: keep the lines of both'],
  [
    'generated',
    'Conflicts in generated files: take either side, then write them again (codegen, access -- matrix --write, npm install)',
  ],
];

function section(out: CommandOutput['out'], title: string, lines: readonly string[]): void {
  if (lines.length > 0) {
    out(
      `${title}:\n${lines
        .toSorted()
        .map((line) => `  ${line}`)
        .join('\n')}\n`,
    );
  }
}

interface GitAnswer {
  readonly code: number;
  readonly text: string;
}

type Git = (args: readonly string[]) => Promise<GitAnswer>;

/** Creates the function that runs git. Its exit codes 0 and 1 are answers, any other is a failure. */
function gitIn(project: string): Git {
  return (args) =>
    new Promise((resolve, reject) => {
      execFile('git', [...args], { cwd: project, maxBuffer: 2 ** 26 }, (error, text, complaint) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        if (code === 0 || code === 1) {
          resolve({ code, text });
        } else {
          const reason = complaint.trim().split('\n')[0] ?? '';
          reject(new GitFailure(code === -1 ? 'git is not installed.' : `git ${args[0] ?? ''} failed: ${reason}`));
        }
      });
    });
}

async function newestRelease(git: Git): Promise<string> {
  const { text } = await git(['tag', '--list', 'v*', '--sort=-version:refname']);
  const [newest = ''] = text.split('\n');
  if (newest === '') {
    throw new GitFailure(
      'There is no tag v*: fetch the releases (git fetch --tags <remote>), or name a commit of Rolegate.',
    );
  }
  return newest;
}

async function commitOf(git: Git, name: string): Promise<string> {
  const { code, text } = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (code !== 0) {
    throw new GitFailure(`There is no release "${name}" in this clone: fetch it first (git fetch --tags <remote>).`);
  }
  return text.trim();
}

async function baseOf(git: Git, theirs: string): Promise<string> {
  const { code, text } = await git(['merge-base', 'HEAD', theirs]);
  if (code !== 0) {
    throw new GitFailure(
      'Your history and that of the release have no commit in common: clone with history, not a copy.',
    );
  }
  return text.trim();
}

/** Returns the files that the team has changed since the commit in common, with git's letter: A for added. */
async function changedFiles(git: Git, base: string): Promise<ReadonlyMap<string, string>> {
  const { text } = await git(['diff', '--name-status', '--no-renames', '-z', base, 'HEAD']);
  const fields = text.split('\0');
  return new Map(
    fields.flatMap((letter, at) => (at % 2 === 0 && letter !== '' ? [[fields[at + 1] ?? '', letter] as const] : [])),
  );
}

/** Returns the files in which a merge would conflict. Git merges in memory: nothing is written to the working copy. */
async function conflictsWith(git: Git, theirs: string): Promise<readonly string[]> {
  const { code, text } = await git([
    'merge-tree',
    '--write-tree',
    '--name-only',
    '--no-messages',
    '-z',
    'HEAD',
    theirs,
  ]);
  return code === 0 ? [] : [...new Set(text.split('\0').slice(1))].filter((path) => path !== '');
}

const MIGRATION = /^src\/database\/migrations\/(\d+)-.*\.ts$/;

/** Returns the migrations that only the release has, with those of the team that have the same number. */
async function newMigrations(git: Git, theirs: string): Promise<readonly string[]> {
  const [mine, released] = await Promise.all([migrationsAt(git, 'HEAD'), migrationsAt(git, theirs)]);
  return released
    .filter((path) => !mine.includes(path))
    .map((path) => {
      const number = MIGRATION.exec(path)?.[1];
      const same = mine.find((other) => !released.includes(other) && MIGRATION.exec(other)?.[1] === number);
      return same === undefined
        ? path
        : `${path} (yours has the same number: leave both names as they are, and list that of the release first)`;
    });
}

async function migrationsAt(git: Git, commit: string): Promise<string[]> {
  const { text } = await git(['ls-tree', '-r', '--name-only', '-z', commit, 'src/database/migrations/']);
  return text.split('\0').filter((path) => MIGRATION.test(path));
}

/** Returns the settings of one commit that others lack. */
async function newSettings(git: Git, without: string, of: string, ...alsoOf: readonly string[]): Promise<string[]> {
  const [lacking, ...having] = await Promise.all([without, of, ...alsoOf].map((commit) => settingsAt(git, commit)));
  return [...(having[0] ?? [])].filter((name) => !lacking?.has(name) && having.every((names) => names.has(name)));
}

async function settingsAt(git: Git, commit: string): Promise<ReadonlySet<string>> {
  const { text } = await git(['show', `${commit}:.env.example`]);
  return new Set([...text.matchAll(/^#?([A-Z][A-Z\d_]*)=/gm)].map(([, name = '']) => name));
}
