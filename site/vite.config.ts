import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';
import { CHUNKS } from './release';

const BUILT = process.env.OPENPREP_SITE ?? '../src/openprep/_site';

/** Who publishes renders pages with each cut: their templates travel with the build. */
const pageTemplates: Plugin = {
  name: 'page-templates',
  apply: 'build',
  closeBundle() {
    for (const name of readdirSync('templates'))
      copyFileSync(`templates/${name}`, `${BUILT}/${name}`);
  },
};

/** What makes the page installable, with the icon's own hashed name in it. */
const webManifest: Plugin = {
  name: 'web-manifest',
  apply: 'build',
  generateBundle(_, bundle) {
    const icon = Object.keys(bundle).find((name) => /icon-.*\.svg$/.test(name))!;
    const source = readFileSync('src/app.webmanifest', 'utf8').replace(
      'ICON',
      icon.replace('assets/', ''),
    );
    const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
    this.emitFile({ type: 'asset', fileName: `assets/app-${hash}.webmanifest`, source });
    const html = bundle['index.html'];
    if (html?.type === 'asset')
      html.source = String(html.source).replace(
        '</head>',
        `  <link rel="manifest" href="./assets/app-${hash}.webmanifest" />\n  </head>`,
      );
  },
};

/**
 * What is always fetched together is one script: a walk down the results, and what reads actas out of the log and
 * proves them. Left alone each module that two views share would be one, found only when the one before is read.
 */
const CHUNKS_OF = {
  includeDependenciesRecursively: false,
  groups: [
    {
      name: 'walk',
      test: /src\/(address\/walk|figures\/running|map\/outlines|tree\/(areas|packs|results))\.ts$/,
    },
    {
      name: 'proof',
      test: /src\/(check\/(refusal|log\/(?!canonical|proof)\w+)|counting\/\w+|tree\/(leaves|seccion))\.ts$/,
    },
  ],
};

const HEAD = /(<!--openprep:head-->)[\s\S]*?(<!--\/openprep:head-->)/;

/**
 * The page that other sites may frame, and the shell that cuts are rendered into: its head is left
 * empty, so that a rendered page without its head and results is the shell again, byte for byte.
 */
const pageShells: Plugin = {
  name: 'page-shells',
  apply: 'build',
  generateBundle(_, bundle) {
    const html = bundle['index.html'];
    if (html?.type !== 'asset') return;
    const index = String(html.source);
    const framed = index
      .replace('<html', '<html data-frame')
      .replace('<!--openprep:results-->', '');
    this.emitFile({ type: 'asset', fileName: 'marco.html', source: framed });
    this.emitFile({
      type: 'asset',
      fileName: '404.html',
      source: readFileSync('src/404.html', 'utf8'),
    });
    html.source = index.replace(HEAD, '$1$2');
  },
};

export default defineConfig(({ command }) => ({
  base: './',
  // `OPENPREP_TREE=/a/published/tree npm run dev` develops the page against that tree.
  publicDir: (command === 'serve' && process.env.OPENPREP_TREE) || false,
  plugins: [
    svelte(),
    pageTemplates,
    { ...webManifest, enforce: 'post' },
    { ...pageShells, enforce: 'post' },
  ],
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // Which chunk needs which: read, and taken away, by the build of what stands beside the page.
    manifest: CHUNKS,
    rollupOptions: { output: { codeSplitting: CHUNKS_OF } },
    // Its helper would weigh on every landing what it saves to the few who open a lazy view.
    modulePreload: false,
  },
  test: { include: ['tests/**/*.test.ts'] },
}));
