import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CGROUP = '/sys/fs/cgroup/blkio';

export function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .trim();
}

function tryToAppend(file: string, bytes: number): boolean {
  try {
    appendFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch {
    return false;
  }
}

function tryToAllocate(file: string, { bavail, bsize }: { readonly bavail: number; readonly bsize: number }): boolean {
  try {
    run('fallocate', '-l', String(Math.max(bsize, (bavail - 8) * bsize)), file);
    return true;
  } catch {
    return bavail <= 8;
  }
}

/** A small disk of its own: an ext4 file system in a file, on a loop device. It needs root and Linux. */
export class Volume {
  readonly folder: string;
  readonly #image: string;
  readonly #device: string;
  readonly #cgroup: string;

  constructor(megabytes: number) {
    const parent = mkdtempSync(join(tmpdir(), 'rolegate-volume-'));
    run('chmod', '755', parent);
    this.folder = join(parent, 'disk');
    this.#image = join(parent, 'image');
    mkdirSync(this.folder);
    run('truncate', '-s', `${megabytes}M`, this.#image);
    run('mkfs.ext4', '-q', '-m', '0', this.#image);
    this.#device = run('losetup', '--find', '--show', this.#image);
    run('mount', this.#device, this.folder);
    run('chmod', '777', this.folder);
    this.#cgroup = join(CGROUP, `rolegate-proof-${process.pid}`);
  }

  /** Takes all of the room that is left. */
  fill(): void {
    const ballast = join(this.folder, 'ballast');
    while (!tryToAllocate(ballast, statfsSync(this.folder))) {
      // Other programs have taken some of the room since it was measured.
    }
    const crumbs = join(this.folder, 'crumbs');
    for (let size = 1_024; size > 0; size = Math.floor(size / 4)) {
      while (tryToAppend(crumbs, size * 1_024)) {
        // Until there is no room for as much.
      }
    }
  }

  /** Gives the room back. */
  empty(): void {
    rmSync(join(this.folder, 'ballast'), { force: true });
    rmSync(join(this.folder, 'crumbs'), { force: true });
  }

  /** Lets each write wait until the disk is thawed: a disk that does not answer. */
  freeze(): void {
    run('fsfreeze', '--freeze', this.folder);
  }

  thaw(): void {
    run('fsfreeze', '--unfreeze', this.folder);
  }

  /** Limits the writes in a second of a process, of those that it has started and of those that it starts. */
  slowDown(pid: number, writesPerSecond: number): void {
    if (!existsSync(this.#cgroup)) {
      mkdirSync(this.#cgroup);
    }
    this.#limit(writesPerSecond);
    const children = execFileSync('sh', ['-c', `pgrep -P ${pid} || true`])
      .toString()
      .trim()
      .split('\n')
      .filter(Boolean);
    for (const id of [String(pid), ...children]) {
      writeFileSync(join(this.#cgroup, 'cgroup.procs'), id);
    }
  }

  /** Ends the limit. */
  speedUp(): void {
    this.#limit(0);
  }

  /** @param writesPerSecond 0: as many as there are */
  #limit(writesPerSecond: number): void {
    const numbers = run('stat', '-c', '%t %T', this.#device).split(' ');
    const device = numbers.map((part) => Number.parseInt(part, 16)).join(':');
    writeFileSync(join(this.#cgroup, 'blkio.throttle.write_iops_device'), `${device} ${writesPerSecond}`);
  }

  remove(): void {
    run('umount', '-l', this.folder);
    run('losetup', '--detach', this.#device);
    rmSync(join(this.folder, '..'), { recursive: true, force: true });
  }
}
