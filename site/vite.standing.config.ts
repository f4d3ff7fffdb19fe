import { defineConfig } from 'vite';
import { releaseList } from './release';

const BUILT = process.env.OPENPREP_SITE ?? '../src/openprep/_site';

/**
 * Files with a name of their own at the tree's root: others link to them, so it never changes. Built
 * apart, so that each is whole in itself and the page is one script. The last to be built: it ends in the release's list.
 */
export default defineConfig({
  publicDir: false,
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
