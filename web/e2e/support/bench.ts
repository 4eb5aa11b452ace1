// The real binary as a person runs it: a folder, commands in it, and a server of the meeting that the files there hold.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from '@playwright/test';
import type { Ready } from './onehall';

/** The folder of the guide's reader, and what is run in it. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'onehall-guide-'));
  #server: ChildProcess | undefined;

  /** Runs a command of the guide to its end; answers with its standard output. */
  async run(words: readonly string[]): Promise<string> {
    const child = this.#spawn(words);
    const [out, err] = [[], []] as [string[], string[]];
    child.stdout?.on('data', (part: Buffer) => out.push(part.toString()));
    child.stderr?.on('data', (part: Buffer) => err.push(part.toString()));
    const code = await new Promise((resolve) => {
      child.once('close', resolve);
    });
    expect(code, err.join('')).toBe(0);
    return out.join('');
  }

  /** Starts the server; its ready line. */
  async serve(words: readonly string[]): Promise<Ready> {
    const child = this.#spawn([...words, '--json']);
    this.#server = child;
    child.stderr?.resume();
    const { stdout } = child;
    if (!stdout) throw new Error('the server has no standard output');
    return new Promise((resolve, reject) => {
      createInterface({ input: stdout }).once('line', (line) => {
        resolve(JSON.parse(line) as Ready);
      });
      child.once('exit', (code) => {
        reject(new Error(`onehall serve ended with ${String(code)}`));
      });
    });
  }

  /** Ctrl+C; the exit status of the server. */
  async interrupt(): Promise<unknown> {
    const server = this.#server;
    if (!server) return undefined;
    this.#server = undefined;
    const ended = new Promise((resolve) => {
      server.once('exit', resolve);
    });
    server.kill('SIGINT');
    return ended;
  }

  /** Ends what is left and forgets all. */
  async clear(): Promise<void> {
    await this.interrupt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(words: readonly string[]): ChildProcess {
    return spawn(process.env['ONEHALL_BIN'] ?? '', words, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

/** A TCP port that nobody has. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Links that `meeting apply` printed, by whom they are for. */
export function linksOf(text: string): Map<string, string> {
  const rows = text
    .split('\n')
    .map((line) => /^ {2}(\S.*?) {2,}(http\S+)$/.exec(line))
    .filter((row) => row !== null);
  return new Map(rows.map(([, who = '', address = '']) => [who, address]));
}
