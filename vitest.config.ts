// One configuration for all packages and apps. `vitest run --mode long` runs the torture tests instead, and the
// model tests with their full budget.
import { configDefaults, defineConfig } from 'vitest/config';

const torture = '**/*.long.test.ts';
const models = 'packages/core/src/**/model.test.ts';

declare module 'vitest' {
  interface ProvidedContext {
    isLong: boolean;
  }
}

export default defineConfig(({ mode }) => {
  const isLong = mode === 'long';
  return {
    test: {
      include: isLong ? [torture, models] : ['{packages,apps,scripts,bench}/**/*.test.ts'],
      exclude: isLong ? configDefaults.exclude : [...configDefaults.exclude, torture],
      provide: { isLong },
      globalSetup: 'packages/messages/compile.ts',
      // Processes, not threads, so that native modules and signals behave as in production.
      pool: 'forks',
      maxWorkers: 2,
      // The files of one process share its modules: loading them anew took as long as the tests. So a test ends
      // what it starts: timers, servers, replaced globals.
      isolate: false,
      testTimeout: isLong ? 30 * 60_000 : 20_000,
      hookTimeout: 20_000,
      // On a busy machine conditions take longer.
      expect: { poll: { timeout: 10_000 } },
    },
  };
});
