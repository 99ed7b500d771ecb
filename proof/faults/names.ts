import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The answer to a name: with an address after so many milliseconds, not at all, or with an error of DNS. */
export type Behaviour =
  | { readonly address: string; readonly afterMs?: number }
  | 'silent'
  | 'SERVFAIL'
  | 'NXDOMAIN'
  | 'REFUSED'
  | 'flips';

const CODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const ADDRESS = '127.77.0.53';
/** An address of this machine at which nothing listens. */
const DEAD = '127.77.0.99';

/** A name server that answers as it is told. */
export class NameServer {
  readonly behaviours = new Map<string, Behaviour>();
  /** The number of questions by name. */
  readonly asked = new Map<string, number>();
  readonly #socket: Socket = createSocket('udp4');
  readonly #folder = mkdtempSync(join(tmpdir(), 'rolegate-names-'));
  #flips = 0;

  static async start(): Promise<NameServer> {
    const server = new NameServer();
    server.#socket.on('message', (question, { port, address }) => {
      void server.#answer(question).then((answer) => answer && server.#socket.send(answer, port, address));
    });
    server.#socket.bind(53, ADDRESS);
    await once(server.#socket, 'listening');
    writeFileSync(join(server.#folder, 'resolv.conf'), `nameserver ${ADDRESS}\n`);
    return server;
  }

  /** The command that runs a program with this name server: in a mount namespace of its own. It needs root. */
  get prefix(): readonly string[] {
    const file = join(this.#folder, 'resolv.conf');
    return ['unshare', '--mount', 'sh', '-c', `mount --bind ${file} /etc/resolv.conf && exec "$@"`, 'sh'];
  }

  /** Answers all of the names in the same way. */
  set(behaviour: Behaviour, ...names: readonly string[]): void {
    names.forEach((name) => this.behaviours.set(name, behaviour));
  }

  async #answer(question: Buffer): Promise<Buffer | null> {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += length + 1;
    }
    const end = at + 5;
    const isV4 = question.readUInt16BE(at + 1) === 1;
    const name = labels.join('.').toLowerCase();
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
    const behaviour = this.behaviours.get(name) ?? 'NXDOMAIN';
    if (behaviour === 'silent') {
      return null;
    }
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(0, 8);
    header.writeUInt16BE(0, 10);
    if (typeof behaviour === 'string' && behaviour !== 'flips') {
      header.writeUInt16BE(0x81_80 | CODES[behaviour], 2);
      header.writeUInt16BE(0, 6);
      return Buffer.concat([header, question.subarray(12, end)]);
    }
    const { address, afterMs = 0 } =
      behaviour === 'flips' ? { address: (this.#flips++ >> 1) % 2 === 0 ? DEAD : '127.0.0.1' } : behaviour;
    await sleep(afterMs);
    header.writeUInt16BE(0x81_80, 2);
    header.writeUInt16BE(isV4 ? 1 : 0, 6);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
    return Buffer.concat([header, question.subarray(12, end), ...(isV4 ? [record] : [])]);
  }

  close(): void {
    this.#socket.close();
    rmSync(this.#folder, { recursive: true });
  }
}
