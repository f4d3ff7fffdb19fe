import { createHash } from 'node:crypto';
import { defineConfig } from 'vite';
import { assetsOf, releaseList, shellOf } from './release';

const BUILT = process.env.OPENPREP_SITE ?? '../src/openprep/_site';

/** What the worker holds assets against, what it fetches before it is asked, and whose it is. */
function workerKnows(): Record<string, string> {
  const assets = JSON.stringify(assetsOf(BUILT));
  const build = createHash('sha256').update(assets).digest('hex').slice(0, 16);
  return {
    __ASSETS__: assets,
    __BUILD__: JSON.stringify(build),
    __SHELL__: JSON.stringify(shellOf(BUILT)),
  };
}

/**
 * Files with a name of their own at the tree's root: others link to them, so it never changes. Built
 * apart, so that each is whole in itself and the page is one script. The last to be built: it ends in the release's list.
 */
export default defineConfig({
  publicDir: false,
  define: workerKnows(),
  plugins: [releaseList(BUILT)],
  build: {
    outDir: BUILT,
    emptyOutDir: false,
    rollupOptions: {
      input: { 'openprep-results': 'src/standing/openprep-results.ts', sw: 'src/standing/sw.ts' },
      output: { entryFileNames: '[name].js' },
    },
  },
});
