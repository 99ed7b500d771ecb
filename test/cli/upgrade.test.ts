import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerOf, upgradeCommand } from '../../src/cli/upgrade.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rolegate-upgrade-'));
  git('init', '--quiet', '--initial-branch=main');
  commit({
    '.env.example': '#PORT=4000\n#OLD=1\n',
    'src/app.ts': 'a\nb\nc\n',
    'src/schema.ts': 'one\n',
    'src/plugins.ts': 'none\n',
    'src/generated/access.ts': 'x\n',
    'src/database/migrations/0001-foundation.ts': 'first\n',
  });
  git('tag', 'v0.1.0');
});
afterEach(() => rmSync(project, { recursive: true }));

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: project });
}

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
}

function commit(files: Record<string, string>): void {
  write(files);
  git('add', '--all');
  git('commit', '--quiet', '--message=change');
}

/** Makes a release beside the team's work. */
function release(name: string, files: Record<string, string>): void {
  git('checkout', '--quiet', '-b', name.replace('v', 'release-'), 'v0.1.0');
  commit(files);
  git('tag', name);
  git('checkout', '--quiet', 'main');
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await upgradeCommand(args, {
    project,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

it('the check lists conflicts by owner, changed files of ours, migrations and settings', async () => {
  release('v0.2.0', {
    '.env.example': '#PORT=4000\n#NEW_ONE=<x>\n',
    'src/app.ts': 'a\nB of ours\nc\n',
    'src/schema.ts': 'one\nours\n',
    'src/plugins.ts': 'ours\n',
    'src/generated/access.ts': 'y\n',
    'src/database/migrations/0002-ours.ts': 'ours\n',
  });
  commit({
    'src/app.ts': 'a\nB of theirs\nc\n',
    'src/schema.ts': 'one\ntheirs\n',
    'src/plugins.ts': 'theirs\n',
    'src/generated/access.ts': 'z\n',
    'src/modules/suppliers/service.ts': 'theirs\n',
    'src/database/migrations/0002-suppliers.ts': 'theirs\n',
  });
  const { code, out } = await run('check');
  expect(code).toBe(1);
  expect(out.split('\n\n').map((part) => part.split('\n').slice(0, 3).join('\n'))).toEqual([
    expect.stringMatching(/^Files of Rolegate that you have changed.*\n {2}src\/app\.ts$/),
    expect.stringMatching(/^Conflicts in files of Rolegate.*\n {2}src\/app\.ts$/),
    expect.stringMatching(/^Conflicts in files that are yours.*\n {2}src\/plugins\.ts$/),
    expect.stringMatching(/^Conflicts in lists.*\n {2}src\/schema\.ts$/),
    expect.stringMatching(/^Conflicts in generated files.*\n {2}src\/generated\/access\.ts$/),
    expect.stringMatching(/^Migrations.*\n {2}src\/database\/migrations\/0002-ours\.ts \(yours has the same number/),
    expect.stringMatching(/^Settings that are new.*\n {2}NEW_ONE$/),
    expect.stringMatching(/^Settings that the release has removed:\n {2}OLD$/),
    expect.stringMatching(/^v0\.2\.0 merges with 4 conflicts\.\nNext: /),
  ]);
});

it('the check takes the newest release, lists uncommitted files, and changes nothing', async () => {
  release('v0.9.0', { 'src/nine.ts': '9\n' });
  release('v0.10.0', { 'src/ten.ts': '10\n' });
  commit({ 'src/modules/suppliers/service.ts': 'theirs\n' });
  write({ 'src/app.ts': 'not committed\n' });
  const before = execFileSync('git', ['status', '--porcelain'], { cwd: project, encoding: 'utf8' });
  const { code, out, err } = await run('check');
  expect([code, out.split('\n')[0]]).toEqual([0, 'v0.10.0 merges without a conflict.']);
  expect(err).toContain('uncommitted');
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: project, encoding: 'utf8' })).toBe(before);
});

describe('an upgrade that cannot be checked', () => {
  it.each([
    [['check', 'v9'], 1, 'There is no release "v9" in this clone'],
    [['check', '--all'], 2, 'Usage'],
    [['merge'], 2, 'Usage'],
    [['check', 'v0.1.0', 'v0.2.0'], 2, 'Usage'],
  ])('one sentence explains the failure for %j', async (args, expected, sentence) => {
    const { code, err } = await run(...args);
    expect([code, err]).toEqual([expected, expect.stringContaining(sentence)]);
  });

  it('one sentence explains a clone without tags, or without a common history', async () => {
    expect(await run('check')).toMatchObject({ code: 0, out: 'You have v0.1.0 already.' });
    git('checkout', '--quiet', '--orphan', 'other');
    git('commit', '--quiet', '--message=copy');
    expect((await run('check')).err).toContain('no commit in common');
    git('tag', '--delete', 'v0.1.0');
    expect((await run('check')).err).toContain('There is no tag v*');
  });
});

it.each([
  ['src/http/server.ts', false, 'ours'],
  ['src/http/mine.ts', true, 'yours'],
  ['schema/ACCESS.md', false, 'generated'],
  ['schema/accounts.graphql', false, 'yours'],
  ['schema/users.graphql', false, 'ours'],
  ['src/database/migrations/index.ts', false, 'shared'],
  ['deploy/kubernetes/rolegate.yaml', false, 'yours'],
] as const)('the file %s (added: %s) belongs to %s', (path, isAdded, owner) => {
  expect(ownerOf(path, isAdded)).toBe(owner);
});
