import { defineConfig } from 'vite';

/** The dashboard: a page that asks for nothing but its own files and the gateway. */
export default defineConfig({
  // Relative, so that it may be served under a path of a proxy.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/client/web',
    emptyOutDir: true,
    // The page's policy takes no data: URL but for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
});
