import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { openEmbedded } from '../src/database/database.ts';
import { BUILT_TEMPLATE } from '../src/database/orm.ts';

// Part of `npm run build`: the server and its commands as JavaScript in a few files, in dist/server or the folder that
// is named. All packages are in them, but for those with native or WebAssembly parts: these are in its package-lock.json.

const ROOT = new URL('..', import.meta.url).pathname;

/** The packages that cannot be bundled, since they find files of their own beside themselves. */
const INSTALLED = ['@electric-sql/pglite', '@node-rs/argon2'];

/** The packages that only create the first database, which is in the build already. */
const UNUSED = new Set(['@electric-sql/pglite-prepopulatedfs', 'pg-native']);

/** The groups of commands that need no sources. */
const COMMANDS = ['access', 'admin', 'audit', 'data', 'database', 'documents', 'users'];

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** A package of a package-lock.json. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Locked>>;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
}

function writeJson(folder: string, name: string, content: object): void {
  writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
}

const isInstalled = (id: string): boolean => INSTALLED.some((name) => id === name || id.startsWith(`${name}/`));

/**
 * Node's HTTP module as a property of the process. As an ES module it would load Node's `fetch` along, which takes
 * longer than the half of what is bundled.
 */
const lightHttp: Plugin = {
  name: 'light-http',
  resolveId: (id) => (id === 'node:http' || id === 'http' ? '\0http' : null),
  load: (id) => (id === '\0http' ? "module.exports = process.getBuiltinModule('node:http');" : null),
};

/** One file for each dynamic import, so that what a start does not need is not read. */
async function bundle(folder: string): Promise<void> {
  const build = await rolldown({
    cwd: ROOT,
    input: { main: 'src/main.ts', cli: 'src/cli.ts' },
    platform: 'node',
    external: (id) => isInstalled(id) || UNUSED.has(id),
    plugins: [lightHttp],
    onLog: (_, { message }) => {
      throw new Error(`The server cannot be bundled: ${message}`);
    },
  });
  // What explains the code is in the source maps: V8 would read it at each start. It reads ASCII in half the time.
  const comments = { legal: true, annotation: false, jsdoc: false };
  await build.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    chunkFileNames: '[name].js',
    comments,
    charset: 'ascii',
  });
  await build.close();
}

/** The embedded database as a new one is to be: made once, so that first starts have only to copy it. */
async function makeTemplate(folder: string): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rolegate-template-'));
  const made = await openEmbedded({ dataDir, holder: 'npm run build', now: new Date() }, { progress: () => undefined });
  await made.close();
  cpSync(join(dataDir, 'database'), join(folder, basename(BUILT_TEMPLATE)), { recursive: true });
  rmSync(dataDir, { recursive: true });
}

/** A program that loads a bundle once it knows that this Node can run it, and that compiled code is kept. */
function writeProgram(folder: string, name: string): void {
  const lines = ["import './require-node.mjs';", `await import('./lib/${name}');`, ''];
  writeFileSync(join(folder, name), lines.join('\n'));
}

/** The same commands as in the repository, where a message names one. */
function manifestOf({ version, license, dependencies }: Manifest): object {
  return {
    name: 'rolegate-server',
    version,
    private: true,
    license,
    type: 'module',
    engines: { node: '>=24' },
    scripts: {
      start: 'exec node main.js',
      ...Object.fromEntries(COMMANDS.map((group) => [group, `node cli.js ${group}`])),
    },
    dependencies: Object.fromEntries(INSTALLED.map((name) => [name, dependencies[name]])),
  };
}

/** The part of the repository's lock that a manifest needs: the same releases, with their checksums. */
function lockOf(manifest: Locked, { lockfileVersion, packages }: Lock): object {
  const needed: Record<string, Locked> = { '': manifest };
  const add = ({ dependencies, optionalDependencies }: Locked): void => {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const path = `node_modules/${name}`;
      const locked = packages[path];
      if (locked !== undefined && needed[path] === undefined) {
        needed[path] = locked;
        add(locked);
      }
    }
  };
  add(manifest);
  return { name: 'rolegate-server', lockfileVersion, requires: true, packages: needed };
}

interface Component {
  readonly 'bom-ref': string;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
}

/** A file of the build, as a component of the whole. */
interface FileComponent {
  readonly type: 'file';
  readonly name: string;
  readonly hashes: readonly [{ readonly alg: 'SHA-256'; readonly content: string }];
}

interface BillOfMaterials {
  readonly metadata: { readonly component: { readonly name: string; readonly components?: readonly FileComponent[] } };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

function isForDevelopment({ properties }: Component): boolean {
  return properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
}

/** Lists the files of the build with their hashes, so that a user who trusts the bill can check them. */
function filesOf(folder: string): FileComponent[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => {
      const content = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      return { type: 'file', name, hashes: [{ alg: 'SHA-256', content }] };
    });
}

/**
 * Lists every package that the server is made of, with its release, checksum and licence (CycloneDX 1.5), and the files of
 * the build. Packages for development are left out here: npm's own `--omit dev` leaves out others, too.
 */
function billOfMaterials(files: readonly FileComponent[]): object {
  const command = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const text = execFileSync('npm', command, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const bill = JSON.parse(text) as BillOfMaterials;
  const components = bill.components.filter((component) => !isForDevelopment(component));
  const kept = new Set(components.map((component) => component['bom-ref']));
  // npm names the whole after the folder.
  const component = { ...bill.metadata.component, name: 'rolegate-server', components: files };
  return {
    ...bill,
    metadata: { ...bill.metadata, component },
    components,
    dependencies: bill.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) })),
  };
}

const BILL = 'sbom.cdx.json';

/** Returns the key that signs the bill, from the file of SBOM_SIGNING_KEY_FILE; null: none is named. */
function readSigningKey(): KeyObject | null {
  const file = process.env['SBOM_SIGNING_KEY_FILE'] ?? '';
  if (file === '') {
    return null;
  }
  let key: KeyObject | null = null;
  try {
    key = createPrivateKey(readFileSync(file));
  } catch {
    // The message below says what is needed.
  }
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new Error(
      'SBOM_SIGNING_KEY_FILE must name a private Ed25519 key in PEM: "openssl genpkey -algorithm ed25519"',
    );
  }
  return key;
}

/** Writes the signature of the bill beside it: the 64 bytes of Ed25519 (RFC 8032) over the file as it is. */
function signBill(folder: string, key: KeyObject | null): void {
  if (key === null) {
    process.stdout.write(`${BILL} is not signed: SBOM_SIGNING_KEY_FILE names no key.\n`);
    return;
  }
  writeFileSync(join(folder, `${BILL}.sig`), sign(null, readFileSync(join(folder, BILL)), key));
  process.stdout.write(`${BILL} is signed: ${BILL}.sig\n`);
}

const signingKey = readSigningKey();
const folder = resolve(ROOT, process.argv[2] ?? 'dist/server');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await bundle(join(folder, 'lib'));
await makeTemplate(join(folder, 'lib'));
// Where the sources find them, relative to themselves.
cpSync(join(ROOT, 'schema'), join(folder, 'schema'), { recursive: true });
cpSync(join(ROOT, 'src', 'http', 'landing'), join(folder, 'lib', 'landing'), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});
if (existsSync(join(ROOT, 'console', 'dist'))) {
  cpSync(join(ROOT, 'console', 'dist'), join(folder, 'console', 'dist'), { recursive: true });
}
copyFileSync(join(ROOT, 'bin', 'require-node.mjs'), join(folder, 'require-node.mjs'));
copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
['main.js', 'cli.js'].forEach((name) => writeProgram(folder, name));
const manifest = manifestOf(readJson('package.json') as Manifest);
writeJson(folder, 'package.json', manifest);
writeJson(folder, 'package-lock.json', lockOf(manifest, readJson('package-lock.json') as Lock));
writeJson(folder, BILL, billOfMaterials(filesOf(folder)));
signBill(folder, signingKey);
