// Writes src/words/ids.ts: the ids of all messages and the names of all catalogues as TypeScript unions. `--check` fails if it is stale
// or if the languages differ in catalogues, in ids, or in the values that a message takes.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const i18n = fileURLToPath(new URL('../../i18n/', import.meta.url));
const target = fileURLToPath(new URL('../src/words/ids.ts', import.meta.url));
const languages = readdirSync(i18n).sort();

/** Names of a language's catalogues. */
function catalogues(lang) {
  return readdirSync(`${i18n}${lang}`)
    .filter((name) => name.endsWith('.ftl'))
    .map((name) => name.slice(0, -'.ftl'.length))
    .sort();
}

/** Messages of a language: id to the sorted names of the values it takes. */
function messages(lang) {
  const found = new Map();
  for (const name of catalogues(lang)) {
    const file = `${name}.ftl`;
    for (const part of readFileSync(`${i18n}${lang}/${file}`, 'utf8').split(/^(?=[a-z][a-z0-9-]* *=)/m)) {
      const id = /^([a-z][a-z0-9-]*) *=/.exec(part)?.[1];
      if (id === undefined) continue;
      if (found.has(id)) throw new Error(`${lang}/${file}: ${id} stands twice`);
      found.set(id, [...new Set([...part.matchAll(/\$([a-z_]+)/g)].map((m) => m[1]))].sort().join(' '));
    }
  }
  return found;
}

const sets = new Map(languages.map((lang) => [lang, messages(lang)]));
const all = [...new Set([...sets.values()].flatMap((set) => [...set.keys()]))].sort();
const faults = [];
const names = catalogues(languages[0]);
for (const [lang, set] of sets) {
  if (catalogues(lang).join() !== names.join()) faults.push(`${lang} has other catalogues than ${languages[0]}`);
  for (const id of all) {
    if (!set.has(id)) faults.push(`${lang} lacks ${id}`);
    else if (set.get(id) !== (sets.get(languages[0])?.get(id) ?? set.get(id)))
      faults.push(`${lang}: ${id} takes other values`);
  }
}
const text = `// Generated from /i18n by \`npm run ids\`. Do not edit.

/** Every message of the catalogues. */
export type MessageId =
${all.map((id) => `  | '${id}'`).join('\n')};

/** Every catalogue; a file of each language. */
export type CatalogueName =
${names.map((name) => `  | '${name}'`).join('\n')};
`;
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) faults.push('src/words/ids.ts is stale: npm run ids');
} else {
  writeFileSync(target, text);
}
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}
