// A how-to page as the test follows it: its files, its commands and its words come out of the markdown, so that page and test
// cannot differ.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type Bench } from './bench';
import type { Ready } from './onehall';

/** A guide of docs/how-to. */
export class Guide {
  readonly #text: string;

  constructor(file: string) {
    this.#text = readFileSync(file, 'utf8');
  }

  /** Titles of its steps, in order, without their numbers. */
  get steps(): string[] {
    return [...this.#text.matchAll(/^## \d+\. (.+)$/gm)].map(([, title]) => title ?? '');
  }

  /** The block of TOML that is marked with a name. */
  file(name: string): string {
    const block = this.#blocks().find(({ mark }) => mark === `toml ${name}`);
    if (!block) throw new Error(`the guide shows no ${name}`);
    return block.text;
  }

  /** The command line of a step, as words after `onehall`. */
  command(title: string): string[] {
    const lines = this.#blocks()
      .filter(({ mark, step }) => mark === 'sh' && step === title)
      .flatMap(({ text }) => text.trim().split('\n'));
    const [line, ...more] = lines;
    const [program, ...words] = line?.split(/\s+/) ?? [];
    if (more.length > 0 || program !== 'onehall')
      throw new Error(`the step "${title}" has no single command of onehall`);
    return words;
  }

  /** The step names this control in bold. */
  names(title: string, word: string): boolean {
    return this.#step(title).includes(`**${word}**`);
  }

  /** The step names this key. */
  hasKey(title: string, key: string): boolean {
    return this.#step(title).includes(`\`${key}\``);
  }

  /** Pictures that the guide shows, by file name. */
  get pictures(): string[] {
    return [...this.#text.matchAll(/!\[[^\]]+\]\(\.\.\/screenshots\/([\w-]+\.png)\)/g)].map(([, name]) => name ?? '');
  }

  #step(title: string): string {
    const step = this.#text.split(/^## \d+\. /m).find((text) => text.startsWith(`${title}\n`));
    if (step === undefined) throw new Error(`the guide has no step "${title}"`);
    return step;
  }

  #blocks(): { mark: string; text: string; step: string }[] {
    const blocks: { mark: string; text: string; step: string }[] = [];
    for (const title of this.steps) {
      for (const [, mark = '', text = ''] of this.#step(title).matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm))
        blocks.push({ mark, text, step: title });
    }
    return blocks;
  }
}

/** The guide to a first meeting. */
export const firstMeeting = new Guide(fileURLToPath(new URL('../../../docs/how-to/first-meeting.md', import.meta.url)));

/** Serves the meeting of that guide, its file changed as a test needs it; its ready line. It has not begun. */
export async function serveFirstMeeting(
  bench: Bench,
  change: (file: string) => string = (file) => file,
): Promise<Ready> {
  const port = String(await freePort());
  const config = firstMeeting.file('onehall.toml').replaceAll('8440', port);
  writeFileSync(join(bench.folder, 'onehall.toml'), config);
  writeFileSync(join(bench.folder, 'spring.toml'), change(firstMeeting.file('spring.toml')));
  await bench.run(firstMeeting.command('Apply it'));
  return bench.serve(firstMeeting.command('Start the server'));
}
