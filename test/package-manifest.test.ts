import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addressesOf, ManifestError } from '../bin/package-manifest.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const ROOT_MANIFEST = { name: 'rolegate', version: '1.0.0', license: 'MIT' };

describe('the addresses of the package', () => {
  it.each([
    ['git+https://github.com/a/b.git', 'https://github.com/a/b'],
    ['https://github.com/a/b', 'https://github.com/a/b'],
    ['http://github.com/a/b/', 'https://github.com/a/b'],
    ['git://github.com/a/b.git', 'https://github.com/a/b'],
    ['git+ssh://git@github.com/a/b.git', 'https://github.com/a/b'],
    ['ssh://git@git.example.com:2222/a/b.git', 'https://git.example.com/a/b'],
    ['https://git.example.com:8443/a/b.git', 'https://git.example.com:8443/a/b'],
    ['git@gitlab.com:group/part/b.git', 'https://gitlab.com/group/part/b'],
    ['https://user:secret@github.com/a/b.git', 'https://github.com/a/b'],
    ['a/b', 'https://github.com/a/b'],
    ['gitlab:a/b.js', 'https://gitlab.com/a/b.js'],
    ['bitbucket:a/b', 'https://bitbucket.org/a/b'],
  ])('homepage and bugs are derived from the repository %s', (url, page) => {
    const expected = {
      repository: { type: 'git', url: `git+${page}.git` },
      homepage: `${page}#readme`,
      bugs: { url: `${page}/issues` },
    };
    expect(addressesOf({ ...ROOT_MANIFEST, repository: url })).toEqual(expected);
    expect(addressesOf({ ...ROOT_MANIFEST, repository: { url } })).toEqual(expected);
  });

  it('a homepage and an address for bugs that the manifest names are kept, and so is the folder of the package', () => {
    const named = { homepage: 'https://example.com', bugs: { email: 'bugs@example.com' } };
    const repository = { url: 'https://github.com/a/b', directory: 'packages/b' };
    expect(addressesOf({ ...ROOT_MANIFEST, ...named, repository })).toEqual({
      ...named,
      repository: { type: 'git', url: 'git+https://github.com/a/b.git', directory: 'packages/b' },
    });
  });

  it.each([undefined, '', ' ', {}, { url: '' }])('a manifest with the repository %j is refused', (repository) => {
    const manifest = repository === undefined ? ROOT_MANIFEST : { ...ROOT_MANIFEST, repository };
    expect(() => addressesOf(manifest)).toThrow(ManifestError);
    expect(() => addressesOf(manifest)).toThrow(
      'The manifest of the package needs a repository, and package.json names none: npm pkg set repository.type=git',
    );
  });

  it.each(['our server', 'file:///srv/b.git', '../b', 'gist:11081aaa281', 'https://github.com/', 'svn:a/b'])(
    'the repository %s, which no page belongs to, is refused',
    (url) => {
      expect(() => addressesOf({ ...ROOT_MANIFEST, repository: url })).toThrow(
        `package.json names the repository ${url}, which is no address of a repository: npm pkg set repository.type=git`,
      );
    },
  );

  it('a repository that is refused is named without its credentials', () => {
    expect(() => addressesOf({ ...ROOT_MANIFEST, repository: 'ftp://user:secret@example.com/b' })).toThrow(
      'names the repository ftp://example.com/b,',
    );
  });

  it('the package is not built without a repository, and the command says in one line what to set', () => {
    const copy = mkdtempSync(join(tmpdir(), 'rolegate-manifest-'));
    onTestFinished(() => rmSync(copy, { recursive: true }));
    mkdirSync(join(copy, 'bin'));
    ['build-package.ts', 'package-manifest.ts'].forEach((name) =>
      cpSync(join(ROOT, 'bin', name), join(copy, 'bin', name)),
    );
    writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...ROOT_MANIFEST, type: 'module', dependencies: {} }));
    const { status, stderr } = spawnSync(process.execPath, ['bin/build-package.ts'], { cwd: copy, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^The manifest of the package needs a repository, .*NAME\.git\n$/);
  });
});
