// A small disk that a test fills: a file system in memory, which root alone may mount.

import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A mounted disk of so many MiB. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Undefined where this user may not mount. */
  static mount(mib: number): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'onehall-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(mib)}m`, 'tmpfs', path], { stdio: 'ignore' });
      return new SmallDisk(path);
    } catch {
      rmdirSync(path);
      return undefined;
    }
  }

  /** Leaves no room. */
  fill(): void {
    const ballast = openSync(this.#ballast, 'a');
    for (const size of [65_536, 4096, 1]) {
      try {
        for (;;) writeSync(ballast, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    closeSync(ballast);
  }

  /** Makes room again. */
  free(): void {
    rmSync(this.#ballast);
  }

  unmount(): void {
    execFileSync('umount', [this.path]);
    rmdirSync(this.path);
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}
