import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Tests that start programs: Mosquitto, Chromium, curl, Python, Java, npm, the
 * `sluice` command. And those that take a whole gateway to its limits.
 * `test/architecture.test.ts` fails for a unit test that imports such a program.
 */
export const systemTests = [
  'test/end-to-end/**/*.test.ts',
  'test/hostile/**/*.test.ts',
  'test/docs/**/*.test.ts',
  'test/command.test.ts',
  'test/command/{publish,schema,simulate,stats,tail,unread-output}.test.ts',
  'test/client/{cuts,exit}.test.ts',
  'test/mqtt/{connector,connector-laws}.test.ts',
  'test/scripts/**/*.test.ts',
];

export default defineConfig({
  resolve: {
    // One realm for graphql: Vitest would otherwise load a second copy of it for
    // the packages that import it as CommonJS, whose schemas are then strangers.
    alias: [
      { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) },
      // The client as it is in this tree, and not as it was built last.
      {
        find: /^sluice-client$/,
        replacement: fileURLToPath(new URL('client/index.ts', import.meta.url)),
      },
      {
        find: /^sluice-client\/stats$/,
        replacement: fileURLToPath(new URL('client/stats.ts', import.meta.url)),
      },
    ],
  },
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // Real servers and a thousand connections, on two cores.
    testTimeout: 240_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: systemTests,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: systemTests,
          globalSetup: './test/support/built-package.ts',
        },
      },
    ],
  },
});
