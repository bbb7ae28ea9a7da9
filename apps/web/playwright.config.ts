// Tests of the whole: the built server, a real worker, a real browser. `vite build` comes first.
import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';

/** One that the system brings along is taken before the one that Playwright downloads. */
const chromium = process.env.TURNOVER_TEST_CHROMIUM ?? '/usr/bin/chromium';
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // Each starts hubs of its own.
  workers: 2,
  forbidOnly: true,
  reporter: 'list',
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    actionTimeout: 15_000,
    // A film of every test makes them a fifth slower; what the page was is in the trace without it.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: isRoot ? ['--no-sandbox'] : [],
    },
  },
});
