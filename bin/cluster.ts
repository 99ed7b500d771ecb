import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Cluster } from '../proof/cluster/cluster.ts';

// `npm run cluster`: three PostgreSQL nodes, three servers, and what is in front of them, to try failures on.

const NEEDED = ['etcd', 'patroni', 'haproxy', 'nginx'];
const HELP = `Commands:
  status            the nodes and their roles
  kill <node>       end all processes of a node
  freeze <node>     stop all processes of a node where they are
  thaw <node>       let them go on
  cut <node>        cut a node from the network (as root)
  join <node>       connect it again
  start <node>      start a node that was killed
  quit              stop everything`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const missing = NEEDED.filter((program) => !isInstalled(program));
if (missing.length > 0) {
  say(
    `Not installed: ${missing.join(', ')}. On Debian: apt-get install postgresql patroni etcd-server haproxy nginx-light`,
  );
  process.exit(1);
}

async function status(cluster: Cluster): Promise<void> {
  const states = await Promise.all(cluster.nodes.map(async (node) => ({ node, state: await node.state() })));
  const standbys = new Map(states.flatMap(({ state }) => (state?.isPrimary === true ? [...state.standbys] : [])));
  for (const { node, state } of states) {
    const standby = standbys.get(node.name) === true ? 'synchronous standby' : 'standby';
    const streaming = standbys.has(node.name) ? standby : 'not streaming';
    say(`${node.name} ${node.host}:${node.port} ${state === null ? 'away' : state.isPrimary ? 'primary' : streaming}`);
  }
}

async function obey(cluster: Cluster, line: string): Promise<void> {
  const [command = '', name] = line.trim().split(/\s+/);
  const node = cluster.nodes.find((one) => one.name === name);
  if (command === 'status') {
    await status(cluster);
  } else if (node === undefined) {
    say(HELP);
  } else if (command === 'kill') {
    node.kill();
  } else if (command === 'freeze') {
    node.freeze();
  } else if (command === 'thaw') {
    node.thaw();
  } else if (command === 'start') {
    node.start();
  } else if ((command === 'cut' || command === 'join') && hasNetworks) {
    node.setConnected(command === 'join');
  } else {
    say(HELP);
  }
}

const hasNetworks = process.getuid?.() === 0 && process.platform === 'linux';
const cluster = await Cluster.start({ hasNetworks, say });
say(
  `\nRolegate is ready: ${cluster.origin}/ (by nginx: ${cluster.nginxOrigin}/), with servers at ${cluster.servers.join(', ')}`,
);
say(`Its primary: ${cluster.databaseUrl}. Logs are in ${cluster.folder}.\n\n${HELP}\n`);

const input = createInterface({ input: process.stdin });
process.once('SIGINT', () => input.close());
process.once('SIGTERM', () => input.close());
for await (const line of input) {
  if (line.trim() === 'quit') {
    break;
  }
  await obey(cluster, line);
}
say('stopping');
await cluster.close();
