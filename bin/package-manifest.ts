import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of the root's manifest that the package takes over. */
export interface RootManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository?: string | { readonly url?: string; readonly directory?: string };
  readonly homepage?: string;
  readonly bugs?: string | { readonly url?: string; readonly email?: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The addresses that npm shows on the page of a package. */
interface Addresses {
  readonly repository: { readonly type: 'git'; readonly url: string; readonly directory?: string };
  readonly homepage: string;
  readonly bugs: string | object;
}

/** The manifest of the root does not say what the package needs. The message says what to set. */
export class ManifestError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ManifestError';
  }
}

const SET_REPOSITORY = 'npm pkg set repository.type=git repository.url=git+https://github.com/OWNER/NAME.git';

/** The hosts of npm's short forms: `github:owner/name`, and without a host `owner/name`. */
const HOSTS = new Map([
  ['github', 'github.com'],
  ['gitlab', 'gitlab.com'],
  ['bitbucket', 'bitbucket.org'],
]);

/** `git@host:owner/name.git`, the form that git itself prints; the host and the path. */
const SCP_FORM = /^[\w.-]+@([\w.-]+):(?!\/\/)(.+)$/;

/** `owner/name` and `github:owner/name`; the host and the path. */
const SHORT_FORM = /^(?:([a-z]+):)?(\w[\w.-]*\/\w[\w.-]*)$/;

/**
 * Returns the addresses of the package: the repository that the root's manifest names, and the pages beside it unless the
 * manifest names others.
 *
 * @throws {ManifestError} if the manifest names no repository, or one without an address in the web
 */
export function addressesOf({ repository, homepage, bugs }: Omit<RootManifest, 'dependencies'>): Addresses {
  const { url = '', directory } = typeof repository === 'string' ? { url: repository } : (repository ?? {});
  if (url.trim() === '') {
    throw new ManifestError(
      `The manifest of the package needs a repository, and package.json names none: ${SET_REPOSITORY}`,
    );
  }
  const page = webAddress(url.trim());
  if (page === null) {
    throw new ManifestError(
      `package.json names the repository ${withoutCredentials(url)}, which is no address of a repository: ${SET_REPOSITORY}`,
    );
  }
  return {
    repository: { type: 'git', url: `git+${page}.git`, ...(directory === undefined ? {} : { directory }) },
    homepage: homepage || `${page}#readme`,
    bugs: bugs || { url: `${page}/issues` },
  };
}

/** Returns the https address of a repository's page, without credentials and without `.git`; null if it has none. */
function webAddress(url: string): string | null {
  const [, short = 'github', shortPath] = SHORT_FORM.exec(url) ?? [];
  if (shortPath !== undefined) {
    return HOSTS.has(short) ? `https://${HOSTS.get(short)}/${trimPath(shortPath)}` : null;
  }
  const [, scpHost, scpPath] = SCP_FORM.exec(url) ?? [];
  if (scpHost !== undefined && scpPath !== undefined) {
    return `https://${scpHost}/${trimPath(scpPath)}`;
  }
  if (!/^(git\+)?(https?|ssh):\/\/|^git:\/\//.test(url) || !URL.canParse(url)) {
    return null;
  }
  const { protocol, host, hostname, pathname } = new URL(url.replace(/^git\+/, ''));
  const path = trimPath(pathname);
  // The port of an ssh address is not that of the web server.
  return path === '' ? null : `https://${protocol === 'https:' ? host : hostname}/${path}`;
}

function trimPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//');
}

/** Returns the manifest of the package whose compiled code is in a folder. */
export function manifestOf(folder: string, root: RootManifest, entryPoints: readonly string[]): object {
  const { name, version, license } = root;
  const entries = entryPoints.map((entry) => {
    const conditions = {
      import: { types: `./${entry}/index.d.mts`, default: `./${entry}/index.mjs` },
      require: { types: `./${entry}/index.d.ts`, default: `./${entry}/index.js` },
    };
    return [`./${entry}`, conditions] as const;
  });
  return {
    name,
    version,
    description: 'Authorization for GraphQL schemas: directives say who may reach what, and a guard enforces it.',
    keywords: ['graphql', 'authorization', 'access-control', 'rbac', 'roles', 'permissions', 'directive', 'auth'],
    license,
    ...addressesOf(root),
    type: 'commonjs',
    sideEffects: false,
    engines: { node: '>=22.18' },
    bin: { rolegate: 'cli/rolegate.js' },
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
    dependencies: dependenciesOf(folder, root.dependencies),
    peerDependencies: { graphql: '^16.11.0 || ^17.0.0' },
  };
}

/** The packages that the compiled code imports, each with the version that the server uses. */
function dependenciesOf(folder: string, versions: RootManifest['dependencies']): Record<string, string> {
  const files = globSync('**/*.js', { cwd: folder }).map((name) => readFileSync(join(folder, name), 'utf8'));
  const imports = /(?:require|import)\("([^."][^"]*)"\)/g;
  const names = files.flatMap((text) => Array.from(text.matchAll(imports), ([, name = '']) => name));
  const packages = new Set(names.filter((name) => !name.startsWith('node:') && name !== 'graphql'));
  return Object.fromEntries([...packages].toSorted().map((name) => [name, `^${versions[name]}`]));
}
