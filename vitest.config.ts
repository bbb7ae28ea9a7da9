// One configuration for all packages and apps. `vitest run --mode long` runs the long tests instead, and with their
// full budget the torture rows and the other tests that have a small one.
import { randomInt } from 'node:crypto';
import { devNull } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const long = '**/*.long.test.ts';
const rows = '**/*.torture.test.ts';
const withBudget = [
  'packages/core/src/**/model.test.ts',
  'packages/db/src/every-schema.test.ts',
  'apps/worker/src/main.test.ts',
];

export default defineConfig(({ mode }) => {
  const isLong = mode === 'long';
  return {
    test: {
      include: isLong ? [long, rows, ...withBudget] : ['{packages,apps,scripts,bench}/**/*.test.ts'],
      exclude: isLong ? configDefaults.exclude : [...configDefaults.exclude, long],
      // `npm run test:long -- --seed 7` passes it on. Short runs repeat one seed, so that luck does not fail them.
      provide: {
        isLong,
        seed: Number(process.env.TURNOVER_TEST_SEED ?? (isLong ? randomInt(2 ** 31) : 1)),
      },
      reporters: ['default', './scripts/testing/torture-table.ts'],
      // The turnover.env of a developer must not change the tests.
      env: { TURNOVER_SETTINGS: devNull },
      globalSetup: 'packages/messages/compile.ts',
      setupFiles: ['scripts/testing/restore-globals.ts', 'scripts/testing/runes.ts'],
      // Processes, not threads, so that native modules and signals behave as in production.
      pool: 'forks',
      maxWorkers: 2,
      // The files of one process share its modules: loading them anew took as long as the tests. So a test ends
      // what it starts, such as servers. The set-up file restores timers and replaced globals.
      isolate: false,
      testTimeout: isLong ? 30 * 60_000 : 20_000,
      hookTimeout: 20_000,
      // On a busy machine conditions take longer.
      expect: { poll: { timeout: 10_000 } },
    },
  };
});
