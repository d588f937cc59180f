import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const SERVER = 'http://127.0.0.1:8000';
const OF_THE_SERVER = ['/v1', '/auth', '/health', '/ready'];

export default defineConfig({
  plugins: [svelte()],
  // Relative, so that the page works under the path that a proxy shows it at; <base> tells which.
  base: './',
  build: {
    outDir: '../built',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: Object.fromEntries(OF_THE_SERVER.map((path) => [path, SERVER])) },
});
