import { defineConfig } from 'vite';

/**
 * Files with a name of their own at the tree's root: others link to them, so it never changes. Built
 * apart, so that each is whole in itself and the page is one script.
 */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: process.env.OPENPREP_SITE ?? '../src/openprep/_site',
    emptyOutDir: false,
    rollupOptions: {
      input: { 'openprep-results': 'src/standing/openprep-results.ts', sw: 'src/standing/sw.ts' },
      output: { entryFileNames: '[name].js' },
    },
  },
});
