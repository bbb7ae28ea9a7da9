// End-to-end tests: the built server, a real worker, a real browser. Run `vite build` first.
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { defineConfig, devices } from '@playwright/test';

/** Prefers the system's browser to the one that Playwright downloads. */
const chromium = process.env.TURNOVER_TEST_CHROMIUM ?? '/usr/bin/chromium';
// The turnover.env of a developer must not change the tests.
process.env.TURNOVER_SETTINGS = devNull;
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'short', testMatch: '*.spec.ts', testIgnore: '*.long.spec.ts' },
    { name: 'long', testMatch: '*.long.spec.ts', timeout: 30 * 60_000 },
  ],
  outputDir: 'test-results',
  // Each worker starts its own hubs.
  workers: 2,
  forbidOnly: true,
  // A test that passes only at the second attempt is listed as flaky. Playwright's `--retries=0` makes it a failure.
  retries: 1,
  reporter: 'list',
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    actionTimeout: 15_000,
    // Recording a trace copies the page at every step, so only a retried test has one; screenshots would cost even
    // more.
    trace: { mode: 'on-first-retry', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: isRoot ? ['--no-sandbox'] : [],
    },
  },
});
