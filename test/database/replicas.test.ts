import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ReadingPool } from '../../src/database/reading-pool.ts';
import {
  formatPosition,
  parsePosition,
  type Replica,
  Replicas,
  type ReplicaState,
} from '../../src/database/replicas.ts';

/** A replica that answers what a test has said. */
class FakeReplica implements Replica {
  readonly name: string;
  readonly pool = {} as ReadingPool;
  state: ReplicaState | Error | null = { isStandby: true, replayed: 100n };
  disconnected = 0;

  constructor(name: string) {
    this.name = name;
  }

  look(): Promise<ReplicaState> {
    if (this.state === null) {
      return new Promise(() => undefined);
    }
    return this.state instanceof Error ? Promise.reject(this.state) : Promise.resolve(this.state);
  }

  disconnect(): void {
    this.disconnected += 1;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

let primary: { position: bigint | Error };
let changes: string[];
let replicas: Replicas;
afterEach(async () => {
  if (vi.isFakeTimers()) {
    const closed = replicas.close();
    await elapse(2_000);
    await closed;
    vi.useRealTimers();
  }
});

async function startWith(...fakes: FakeReplica[]): Promise<void> {
  vi.useFakeTimers();
  primary = { position: 100n };
  changes = [];
  const position = async (): Promise<bigint> => {
    if (primary.position instanceof Error) {
      throw primary.position;
    }
    return primary.position;
  };
  replicas = new Replicas({
    replicas: fakes,
    primary: position,
    committed: position,
    maxLag: 2_000,
    onChange: ({ replica, isUsed, reason }) => void changes.push(`${replica} ${isUsed ? 'used' : String(reason)}`),
  });
  await replicas.start();
}

const replayed = (position: bigint): ReplicaState => ({ isStandby: true, replayed: position });
const elapse = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** Returns the name of the replica that reads are sent to; null for the primary. */
const chosen = (viewerId: string | null = null, needed = 0n): string | null =>
  replicas.serve(
    needed,
    () => undefined,
    () => replicas.choose(viewerId)?.name ?? null,
  );

describe('positions', () => {
  it.each([
    ['0/0', 0n],
    ['0/16B3748', 0x16b3748n],
    ['16/B374D848', 0x16_b374_d848n],
    ['FFFFFFFF/FFFFFFFF', 0xffff_ffff_ffff_ffffn],
  ])('the position %s is read as a number', (text, position) => {
    expect(parsePosition(text)).toBe(position);
    expect(formatPosition(position)).toBe(text);
  });

  it.each(['', '/', '16', '16/', '/B3', '16/B374D8480', 'x/1', '0/-1', ' 0/1', '0/1\n', '1/2/3', '0/1, 0/2'])(
    'the text %j is not a position',
    (text) => {
      expect(parsePosition(text)).toBeNull();
    },
  );
});

describe('reads', () => {
  it('reads are sent to the replicas in turn', async () => {
    const [a, b] = [new FakeReplica('a'), new FakeReplica('b')];
    await startWith(a, b);
    expect([chosen(), chosen(), chosen(), chosen()]).toEqual(['a', 'b', 'a', 'b']);
    expect(replicas.figures().map(({ reads }) => reads)).toEqual([2, 2]);
  });

  it('reads outside of requests, such as those of a subscription, go to the primary', async () => {
    await startWith(new FakeReplica('a'));
    expect(replicas.choose(null)).toBeNull();
  });

  it('reads see the position that the client names', async () => {
    const a = new FakeReplica('a');
    a.state = replayed(50n);
    await startWith(a);
    expect(chosen(null, 50n)).toBe('a');
    expect(chosen(null, 51n)).toBeNull();
    a.state = replayed(51n);
    await elapse(250);
    expect(chosen(null, 51n)).toBe('a');
  });

  it('reads see what the viewer has written in this process, and do not wait for the writes of others', async () => {
    const a = new FakeReplica('a');
    a.state = replayed(99n);
    await startWith(a);
    const told: bigint[] = [];
    await replicas.serve(
      0n,
      (position) => void told.push(position),
      async () => {
        await replicas.wrote('me');
        expect(replicas.choose('me')).toBeNull();
      },
    );
    expect(told).toEqual([100n]);
    expect([chosen('me'), chosen('you'), chosen(null)]).toEqual([null, 'a', 'a']);
    a.state = replayed(100n);
    await elapse(20); // replicas are looked at more often while one is behind
    expect(chosen('me')).toBe('a');
  });

  it('reads see logins, whose viewer is not known before', async () => {
    const a = new FakeReplica('a');
    a.state = replayed(99n);
    await startWith(a);
    await replicas.serve(
      0n,
      () => undefined,
      () => replicas.wrote(null),
    );
    expect(chosen('me')).toBeNull();
  });

  it('reads do not wait for work in the background', async () => {
    const a = new FakeReplica('a');
    a.state = replayed(99n);
    await startWith(a);
    await replicas.wrote(null);
    expect(chosen('me')).toBe('a');
  });

  it('reads stay at the primary for half a minute after a write whose position is not known', async () => {
    const a = new FakeReplica('a');
    a.state = replayed(1_000n);
    await startWith(a);
    primary.position = new Error('away');
    const told: bigint[] = [];
    await replicas.serve(
      0n,
      (position) => void told.push(position),
      () => replicas.wrote('me'),
    );
    expect([chosen('me'), chosen('you'), told.length]).toEqual([null, 'a', 0]);
    await elapse(31_000);
    expect(chosen('me')).toBe('a');
  });
});

describe('a replica is left out, and taken back', () => {
  it.each<[string, ReplicaState | Error | null, string]>([
    ['gives no answer', null, 'it gave no answer for 1000 ms'],
    ['fails', new Error('connect ECONNREFUSED'), 'connect ECONNREFUSED'],
    ['is promoted', { isStandby: false, replayed: 100n }, 'it is not a standby: it was promoted, or is the primary'],
  ])('a replica is not used while it %s', async (_, state, reason) => {
    const [a, b] = [new FakeReplica('a'), new FakeReplica('b')];
    await startWith(a, b);
    a.state = state;
    await elapse(1_500);
    expect(changes).toEqual(['a used', 'b used', `a ${reason}`]);
    expect(new Set([chosen(), chosen(), chosen()])).toEqual(new Set(['b']));
    a.state = replayed(100n);
    await elapse(1_500);
    expect(changes.at(-1)).toBe('a used');
    expect(new Set([chosen(), chosen(), chosen()])).toEqual(new Set(['a', 'b']));
  });

  it('a replica is not used once it lags for longer than the limit', async () => {
    const a = new FakeReplica('a');
    a.state = replayed(100n);
    await startWith(a);
    primary.position = 200n;
    await elapse(1_800);
    expect(chosen()).toBe('a');
    await elapse(700);
    expect(chosen()).toBeNull();
    expect(replicas.figures()).toEqual([{ replica: 'a', isUsed: false, lag: 100, reads: 1 }]);
    a.state = replayed(200n);
    await elapse(250);
    expect(chosen()).toBe('a');
  });

  it('a replica is not used after a failed read; work on its connections fails once a probe fails', async () => {
    const a = new FakeReplica('a');
    await startWith(a);
    a.state = new Error('gone');
    replicas.failed(a, new Error('Connection terminated'));
    expect(chosen()).toBeNull();
    expect(a.disconnected).toBe(0);
    await elapse(250);
    expect(a.disconnected).toBe(1);
    a.state = replayed(100n);
    await elapse(250);
    expect(chosen()).toBe('a');
  });

  it('a promoted replica is not used, also while writes follow each other faster than probes', async () => {
    const a = new FakeReplica('a');
    await startWith(a);
    a.state = { isStandby: false, replayed: 100n };
    for (let written = 0; written < 100; written += 1) {
      await replicas.wrote('me');
      await elapse(5);
    }
    expect(chosen('you')).toBeNull();
  });

  it('a replica is used while the primary is unavailable', async () => {
    const a = new FakeReplica('a');
    await startWith(a);
    primary.position = new Error('away');
    await elapse(10_000);
    expect(chosen()).toBe('a');
  });

  it('a replica that is unavailable at the start is used once it can be reached', async () => {
    const a = new FakeReplica('a');
    a.state = new Error('connect ECONNREFUSED');
    await startWith(a);
    expect(chosen()).toBeNull();
    a.state = replayed(100n);
    await elapse(250);
    expect(chosen()).toBe('a');
  });
});
