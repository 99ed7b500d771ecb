import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORTS } from './configuration.ts';

/** The address of this machine in the network of the nodes, and the address of the first node. */
const SUBNET = '10.77.0';
const BRIDGE = 'rolegate0';

/** The state of a node, as its Patroni reports it. */
export interface NodeState {
  readonly isPrimary: boolean;
  /** The standbys that stream from it, by name: whether they are synchronous. */
  readonly standbys: ReadonlyMap<string, boolean>;
}

/** The parts of Patroni's answer that are read. */
interface PatroniStatus {
  readonly state: string;
  readonly role: string;
  readonly replication?: readonly {
    readonly application_name: string;
    readonly state: string;
    readonly sync_state: string;
  }[];
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

/** Runs what may fail, such as the removal of what does not exist. */
function tryToRun(command: string, ...args: string[]): string {
  try {
    return run(command, ...args);
  } catch {
    return '';
  }
}

/** Returns the ids of the processes that a process has started. */
function children(pid: string): string[] {
  return tryToRun('pgrep', '-P', pid).split('\n').filter(Boolean);
}

/** A network namespace for each node, joined by a bridge; or loopback for all. */
export class Network {
  readonly isReal: boolean;

  constructor(isReal: boolean) {
    this.isReal = isReal;
  }

  /** The address at which nodes reach this machine. */
  get gateway(): string {
    return this.isReal ? `${SUBNET}.1` : '127.0.0.1';
  }

  /** Returns the address of a node. */
  hostOf(index: number): string {
    return this.isReal ? `${SUBNET}.${11 + index}` : '127.0.0.1';
  }

  /** Returns the command line in the network of a node. */
  within(name: string, command: readonly string[]): readonly string[] {
    return this.isReal ? ['ip', 'netns', 'exec', `rolegate-${name}`, ...command] : command;
  }

  create(nodes: readonly DatabaseNode[]): void {
    if (!this.isReal) {
      return;
    }
    this.remove(nodes);
    run('ip', 'link', 'add', BRIDGE, 'type', 'bridge');
    run('ip', 'addr', 'add', `${SUBNET}.1/24`, 'dev', BRIDGE);
    run('ip', 'link', 'set', BRIDGE, 'up');
    for (const { name, host } of nodes) {
      const namespace = `rolegate-${name}`;
      run('ip', 'netns', 'add', namespace);
      run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
      run('ip', 'link', 'set', name, 'master', BRIDGE, 'up');
      run('ip', '-n', namespace, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
      run('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
      run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
    }
  }

  /** Cuts a node from all others, or connects it again. */
  connect(name: string, isConnected: boolean): void {
    run('ip', 'link', 'set', name, isConnected ? 'up' : 'down');
  }

  remove(nodes: readonly DatabaseNode[]): void {
    if (this.isReal) {
      for (const { name } of nodes) {
        tryToRun('ip', 'link', 'del', name);
        tryToRun('ip', 'netns', 'del', `rolegate-${name}`);
      }
      tryToRun('ip', 'link', 'del', BRIDGE);
    }
  }
}

/** A PostgreSQL node and its Patroni. */
export class DatabaseNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The port of Patroni's REST API. */
  readonly apiPort: number;
  /** The folder of its data, configuration and logs. */
  readonly folder: string;
  readonly #network: Network;
  #patroni: number | undefined;

  constructor(name: string, index: number, parent: string, network: Network) {
    this.name = name;
    this.host = network.hostOf(index);
    this.port = PORTS.postgres + index;
    this.apiPort = PORTS.patroni + index;
    this.folder = join(parent, name);
    this.#network = network;
  }

  get dataFolder(): string {
    return join(this.folder, 'data');
  }

  get #configuration(): string {
    return join(this.folder, 'patroni.yml');
  }

  /** Writes its configuration: JSON, which is YAML. */
  configure(configuration: object): void {
    mkdirSync(this.folder, { mode: 0o700 });
    writeFileSync(this.#configuration, JSON.stringify(configuration, null, 2));
    if (process.getuid?.() === 0) {
      const [uid, gid] = ['-u', '-g'].map((what) => Number(run('id', what, 'postgres'))) as [number, number];
      chownSync(this.folder, uid, gid);
      chownSync(this.#configuration, uid, gid);
    }
  }

  /** Starts Patroni, which starts PostgreSQL. */
  start(): void {
    const command = ['patroni', this.#configuration];
    const asPostgres =
      process.getuid?.() === 0
        ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', ...command]
        : command;
    const [program = '', ...args] = this.#network.within(this.name, asPostgres);
    const log = openSync(join(this.folder, 'patroni.log'), 'a');
    const child = spawn(program, args, { cwd: this.folder, stdio: ['ignore', log, log] });
    this.#patroni = child.pid;
  }

  /** Returns its state, or null if Patroni does not answer. */
  async state(): Promise<NodeState | null> {
    try {
      const response = await fetch(`http://${this.host}:${this.apiPort}/patroni`, {
        signal: AbortSignal.timeout(1_000),
      });
      const { state, role, replication = [] } = (await response.json()) as PatroniStatus;
      const streaming = replication.filter((standby) => standby.state === 'streaming');
      return {
        isPrimary: state === 'running' && (role === 'master' || role === 'primary'),
        standbys: new Map(streaming.map((standby) => [standby.application_name, standby.sync_state === 'sync'])),
      };
    } catch {
      return null;
    }
  }

  /** Ends all its processes at once, as a machine that fails does. */
  kill(): void {
    this.#signal('KILL');
    this.#patroni = undefined;
  }

  /** Stops all its processes where they are, as a machine that hangs does. */
  freeze(): void {
    this.#signal('STOP');
  }

  /** Lets them go on. */
  thaw(): void {
    this.#signal('CONT');
  }

  /** Cuts it from the network, or connects it again. */
  setConnected(isConnected: boolean): void {
    this.#network.connect(this.name, isConnected);
  }

  /** Patroni and PostgreSQL; the latter outlives the former. */
  #signal(signal: 'KILL' | 'STOP' | 'CONT'): void {
    const postmaster = this.#postmaster();
    const patroni = this.#patroni === undefined ? [] : [String(this.#patroni), ...children(String(this.#patroni))];
    const pids = [...patroni, ...(postmaster === null ? [] : [postmaster, ...children(postmaster)])];
    if (pids.length > 0) {
      tryToRun('kill', `-${signal}`, ...pids);
    }
  }

  #postmaster(): string | null {
    try {
      const [pid = ''] = readFileSync(join(this.dataFolder, 'postmaster.pid'), 'utf8').split('\n');
      return run('cat', `/proc/${pid}/comm`).startsWith('postgres') ? pid : null;
    } catch {
      return null;
    }
  }
}
