import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
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

/** Files with a name of their own at the tree's root: others link to them, so it never changes. */
const STANDING = new Set(['openprep-results', 'sw']);

/** What makes the page installable, with the icon's own hashed name in it. */
const webManifest: Plugin = {
  name: 'web-manifest',
  apply: 'build',
  generateBundle(_, bundle) {
    const icon = Object.keys(bundle).find((name) => /icon-.*\.svg$/.test(name))!;
    const source = readFileSync('src/app.webmanifest', 'utf8').replace('ICON', icon.replace('assets/', ''));
    const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
    this.emitFile({ type: 'asset', fileName: `assets/app-${hash}.webmanifest`, source });
    const html = bundle['index.html'];
    if (html?.type === 'asset') html.source = String(html.source).replace('</head>', `  <link rel="manifest" href="./assets/app-${hash}.webmanifest" />\n  </head>`);
  },
};

export default defineConfig(({ command }) => ({
  base: './',
  // `OPENPREP_TREE=/a/published/tree npm run dev` develops the page against that tree.
  publicDir: (command === 'serve' && process.env.OPENPREP_TREE) || false,
  plugins: [svelte(), pageTemplates, { ...webManifest, enforce: 'post' }],
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: 'index.html', 'openprep-results': 'src/standing/openprep-results.ts', sw: 'src/standing/sw.ts' },
      output: {
        entryFileNames: ({ name }) => (STANDING.has(name) ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: { include: ['tests/**/*.test.ts'] },
}));
