import { copyFileSync, readdirSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';

const BUILT = process.env.OPENPREP_SITE ?? '../src/openprep/_site';

/** The centre renders pages with each cut: their templates travel with the build. */
const pageTemplates: Plugin = {
  name: 'page-templates',
  apply: 'build',
  closeBundle() {
    for (const name of readdirSync('templates')) copyFileSync(`templates/${name}`, `${BUILT}/${name}`);
  },
};

export default defineConfig(({ command }) => ({
  base: './',
  // `OPENPREP_TREE=/a/published/tree npm run dev` develops the page against that tree.
  publicDir: (command === 'serve' && process.env.OPENPREP_TREE) || false,
  plugins: [svelte(), pageTemplates],
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ['tests/**/*.test.ts'] },
}));
