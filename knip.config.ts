import type { KnipConfig } from 'knip';

const tests = 'src/**/*.test.ts';

/** Forbids dead exports, files and dependencies. */
export default {
  ignoreExportsUsedInFile: true,
  // The compiler finds them.
  exclude: ['unresolved'],
  // Programs of the system that the worker, scripts and tests call.
  ignoreBinaries: [
    'mount',
    'umount',
    'strace',
    'apt-get',
    'xmllint',
    'xxhsum',
    'sha256sum',
    'ffmpeg',
    'ffprobe',
    'systemd-notify',
    'systemd-analyze',
    'getent',
    'mediainfo',
    'unshare',
    'nsenter',
  ],
  workspaces: {
    '.': {
      entry: [
        'scripts/*.mjs',
        'scripts/testing/*.mjs',
        'scripts/mutation/{run.mjs,setup.mjs,provided.d.ts}',
        'scripts/**/*.test.ts',
        'bench/*.ts',
      ],
      project: ['scripts/**', 'bench/**'],
      // Scripts start it by its path.
      ignoreDependencies: ['turbo'],
    },
    // Every file is an entry of its package; `includeEntryExports` finds what nobody imports from it.
    'packages/*': { entry: [tests], project: ['src/**/*.ts'], includeEntryExports: true },
    'packages/messages': {
      entry: [tests],
      project: ['src/**/*.ts'],
      includeEntryExports: true,
      // project.inlang/settings.json names it.
      ignoreDependencies: ['@inlang/plugin-message-format'],
    },
    'apps/cli': { entry: [tests], project: ['src/**/*.ts'] },
    'apps/worker': { entry: [tests], project: ['src/**/*.ts'] },
    'apps/web': {
      entry: [
        '{server,vite.config,playwright.config}.ts',
        'http/development.ts',
        '{src,http,crash,e2e}/**/*.test.ts',
        'e2e/**/*.spec.ts',
      ],
      project: ['{src,http,crash,e2e}/**/*.{ts,svelte}', '*.ts'],
      // Their settings cannot be loaded before `svelte-kit sync` has run.
      vite: false,
      playwright: false,
    },
  },
} satisfies KnipConfig;
