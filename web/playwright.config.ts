import { defineConfig } from '@playwright/test';
import { chromiumLaunch } from './e2e/support/chromium.mjs';

/** Specs whose pages talk to the fixture, which plays a state that is made up: without a server, media or time that passes. */
const onFixture = [
  'alarms',
  'budget',
  'desk',
  'desk-media',
  'desk-summary',
  'desk-truth',
  'fit',
  'keys',
  'media',
  'room',
  'room-fit',
  'spoken',
  'titles',
  'turned-away',
  'watch',
  'words',
].map((name) => `**/${name}.spec.ts`);

// Chromium and Firefox are those of the distribution: nothing is downloaded, so no video either. No test measures: what a machine can
// do is said by `cargo xtask bench`, so that two may run side by side.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/e2e',
  workers: 2,
  retries: 0,
  // Deadlines, for what never comes: a slow machine reaches none of them.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    launchOptions: chromiumLaunch(),
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    // A trace takes a picture of each page at each change, which costs more than what the tests do: `TRACE=1` asks for it.
    trace: process.env['TRACE'] ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
  },
  projects: [
    // Browsers with cameras and a server of its own to each test fill a machine of two cores: one at a time. The longest come first.
    { name: 'meetings', testIgnore: onFixture, workers: 1 },
    // A page of its own costs a test more than what is looked at on it: the page stays, and is emptied between two tests.
    { name: 'pages', testMatch: onFixture, fullyParallel: true, use: { reuseContext: true } },
  ],
});
