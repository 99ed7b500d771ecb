import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Server } from './server.ts';

/** The answers to one kind of request. */
export class Tally {
  readonly #counts = new Map<string, number>();
  longest = 0;

  add({ status, code, ms }: Answer): void {
    const name = code === null ? 'ok' : `${status} ${code}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.longest = Math.max(this.longest, ms);
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** The answers that are neither served nor 503. */
  get others(): number {
    return [...this.#counts].reduce((sum, [name, count]) => sum + (/^(?:ok|503 )/.test(name) ? 0 : count), 0);
  }

  toString(): string {
    const counts = [...this.#counts]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `${count} × ${name}`);
    return `${counts.join(' + ')} (longest ${this.longest} ms)`;
  }
}

let serial = 0;

/** Clients that write documents, read, and sign in, one request after the other each. */
export class Load {
  writes = new Tally();
  reads = new Tally();
  logins = new Tally();
  readonly acknowledged: string[] = [];
  readonly #server: Server;
  readonly #token: string;
  readonly #bytes: number;
  #isOver = false;
  #running: Promise<void>[] = [];

  constructor(server: Server, token: string, bytes: number) {
    this.#server = server;
    this.#token = token;
    this.#bytes = bytes;
  }

  start(): void {
    const repeat = async (work: () => Promise<void>): Promise<void> => {
      while (!this.#isOver) {
        await work();
        await sleep(20);
      }
    };
    this.#isOver = false;
    this.#running = [
      ...Array.from({ length: 4 }, () => repeat(async () => void (await this.write()))),
      ...Array.from({ length: 4 }, () => repeat(async () => this.reads.add(await this.read()))),
      repeat(async () => this.logins.add(await this.#server.login('sales'))),
    ];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
  }

  /** Forgets the answers so far, but for what was acknowledged. */
  reset(): void {
    [this.writes, this.reads, this.logins] = [new Tally(), new Tally(), new Tally()];
  }

  async write(): Promise<Answer> {
    const title = `Proof ${(serial += 1)}`;
    // Text that cannot be compressed.
    const content = Array.from({ length: this.#bytes / 8 }, () =>
      Math.random().toString(36).slice(2, 10).padEnd(8, '-'),
    );
    const input = `{ title: "${title}", content: "${content.join('')}" }`;
    const answer = await this.#server.ask(`mutation { createDocument(input: ${input}) { id } }`, {
      token: this.#token,
    });
    this.writes.add(answer);
    const id = answer.text('createDocument', 'id');
    if (id !== '') {
      this.acknowledged.push(id);
    }
    return answer;
  }

  read(): Promise<Answer> {
    return this.#server.ask('{ documents(first: 10) { nodes { id title } } }', { token: this.#token });
  }

  /** Returns how many of the acknowledged writes are not there. */
  async lost(): Promise<number> {
    let lost = 0;
    for (const id of this.acknowledged) {
      const answer = await this.#server.ask(`{ document(id: "${id}") { id } }`, { token: this.#token });
      lost += answer.text('document', 'id') === id ? 0 : 1;
    }
    return lost;
  }

  /** Waits until reads, writes and logins are served. Returns the milliseconds that it took. */
  async recovery(): Promise<number> {
    const since = performance.now();
    for (;;) {
      const answers = [await this.read(), await this.write(), await this.#server.login('sales')];
      if (answers.every(({ code }) => code === null)) {
        return Math.round(performance.now() - since);
      }
      if (performance.now() - since > 120_000) {
        throw new Error(`No recovery within two minutes: ${JSON.stringify(answers)}`);
      }
      await sleep(100);
    }
  }
}
