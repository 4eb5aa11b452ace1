// Firefox ESR, driven by WebDriver BiDi: Playwright's own Firefox is another build, and the packaged one is what rooms run.

import puppeteer, { type Browser } from 'puppeteer-core';

/** Where the packaged Firefox lies. */
export const firefoxPath = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';

/** Starts the packaged Firefox with drawn devices and free autoplay. */
export function launchFirefox(): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: firefoxPath,
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
    },
  });
}
