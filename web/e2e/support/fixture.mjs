// `npm run dev`: the fixture on port 5180, and an address for every page and scenario.

import { scenarios } from './fixture/scenario.mjs';
import { pagePath, serveFixture } from './fixture/server.mjs';

const { origin } = await serveFixture(Number(process.env.PORT ?? 5180));
for (const surface of ['hall', 'tech', 'desk', 'watch']) {
  for (const scenario of scenarios)
    console.log(`${surface.padEnd(6)}${scenario.padEnd(10)}${origin}${pagePath(surface, scenario)}`);
}
console.log(`desk  130       ${origin}${pagePath('desk', 'call', 130)}`);
