import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

// docs/style.md, 25 and 26: which folder may import which. Left out of `may` means forbidden.
const folders = [
  'client',
  'contract',
  'domain',
  'entries',
  'features',
  'media',
  'parts',
  'routes',
  'state',
  'styles',
  'ui',
  'words',
];
const may = {
  domain: ['contract', 'domain'],
  client: ['contract', 'client', 'domain'],
  media: ['contract', 'media', 'domain'],
  words: ['contract', 'words'],
  state: ['client', 'contract', 'domain', 'media', 'state', 'words'],
  ui: ['ui'],
  parts: ['contract', 'domain', 'parts', 'state', 'ui', 'words'],
  features: ['contract', 'domain', 'parts', 'state', 'ui', 'words'],
  routes: ['client', 'contract', 'domain', 'features', 'parts', 'state', 'ui', 'words'],
};
const features = ['alarms', 'floor', 'hall', 'programme', 'rundown', 'summary', 'technician', 'wall', 'watch'];
const up = ['../', '../../', '../../../'];
const group = (names, roots = up) =>
  names.flatMap((name) => roots.flatMap((root) => [`${root}${name}`, `${root}${name}/**`]));

// Pure folders know neither page, net, clock nor chance: these come in as arguments or from their shell.
const browser = [
  'window',
  'document',
  'navigator',
  'location',
  'fetch',
  'WebSocket',
  'RTCPeerConnection',
  'localStorage',
  'sessionStorage',
  'setTimeout',
  'setInterval',
  'requestAnimationFrame',
  'performance',
  'crypto',
];
const clocks = [
  { object: 'Date', property: 'now', message: 'Time is an argument.' },
  { object: 'Math', property: 'random', message: 'Chance is an argument.' },
];

// Chromium 109 has none of these. Build target and this list keep its floor.
const later = 'Chromium 109 lacks it.';
const floor = [
  [
    'popover',
    'showPopover',
    'hidePopover',
    'togglePopover',
    'popoverTargetElement',
    'startViewTransition',
    'toSorted',
    'toReversed',
    'toSpliced',
    'withResolvers',
    'groupBy',
    'checkVisibility',
    'getHTML',
    'setHTMLUnsafe',
    'isSubsetOf',
    'fromAsync',
    'moveBefore',
  ],
]
  .flat()
  .map((property) => ({ property, message: later }));

const svelteMarkup = [
  { selector: 'SvelteAttribute[key.name=/^(popover|popovertarget|anchor)$/]', message: later },
  { selector: 'SvelteAttribute[key.name="style"]', message: 'The CSP knows no inline style: use style: directives.' },
  { selector: 'SvelteMustacheTag[kind="raw"]', message: 'No raw markup.' },
];
const css = [
  {
    selector:
      'SvelteStyleElement SvelteText[value=/anchor-name|position-anchor|position-area|:popover-open|@starting-style|@scope|text-wrap:\\s*pretty|interpolate-size|light-dark\\(/]',
    message: later,
  },
];

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'test-results/', 'playwright-report/', 'src/contract/', 'src/words/ids.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  { files: ['scripts/**', 'e2e/**', '*.config.*'], languageOptions: { globals: { ...globals.node } } },
  {
    files: ['src/**'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      'no-restricted-properties': ['error', ...floor],
      'no-restricted-syntax': ['error', ...svelteMarkup, ...css],
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 100, skipComments: true, skipBlankLines: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Maps of cells: each value is reactive by itself, which is what keeps a wall of 300 venues cheap.
      'svelte/prefer-svelte-reactivity': 'off',
      // svelte-check fails on the warning itself; this rule cannot read the reason behind a code.
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
  { files: ['src/**/*.svelte'], rules: { 'max-lines': ['error', { max: 300 }] } },
  { files: ['src/**/*.test.ts'], rules: { 'max-lines-per-function': 'off' } },
  ...Object.entries(may).map(([folder, allowed]) => ({
    files: [`src/${folder}/**/*.ts`, `src/${folder}/**/*.svelte`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: group(folders.filter((name) => !allowed.includes(name) && name !== folder)),
              message: `${folder} may import: ${allowed.join(', ')}`,
            },
          ],
        },
      ],
    },
  })),
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: group(folders.filter((name) => !may.features.includes(name) && name !== 'features')),
              message: `features may import: ${may.features.join(', ')}`,
            },
            {
              group: group(
                features.filter((name) => name !== feature),
                ['../', '../../features/'],
              ),
              message: 'Features do not import each other: routes compose them.',
            },
          ],
        },
      ],
    },
  })),
  {
    files: ['src/domain/**/*.ts', 'src/client/*.ts', 'src/media/*.ts', 'src/words/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...browser],
      'no-restricted-properties': ['error', ...floor, ...clocks],
    },
  },
);
