import { copyFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';

const BUILT = process.env.OPENPREP_SITE ?? '../src/openprep/_site';

/** The centre renders the landing into the page with each cut: its template travels with the build. */
const landingTemplate: Plugin = {
  name: 'landing-template',
  apply: 'build',
  closeBundle() {
    copyFileSync('templates/landing.html.j2', `${BUILT}/landing.html.j2`);
  },
};

export default defineConfig(({ command }) => ({
  base: './',
  // `OPENPREP_TREE=/a/published/tree npm run dev` develops the page against that tree.
  publicDir: (command === 'serve' && process.env.OPENPREP_TREE) || false,
  plugins: [svelte(), landingTemplate],
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // Its helper would weigh on every landing what it saves to the few who open a lazy view.
    modulePreload: false,
  },
  test: { include: ['tests/**/*.test.ts'] },
}));
