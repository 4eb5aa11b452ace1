import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// One HTML page per bundle. The server sends `room.html` for /venue and /venue/tech, `desk.html` for
// /m/{id}/desk and `watch.html` for /m/{id}/watch; everything else that a page needs lies under /assets/.
export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { $i18n: here('../i18n') } },
  server: { fs: { allow: [here('..')] } },
  build: {
    target: 'chrome109',
    cssTarget: 'chrome109',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { room: here('room.html'), desk: here('desk.html'), watch: here('watch.html') },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
