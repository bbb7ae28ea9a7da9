// The checks that read the sources without running them.
import { node, root, withPnpm } from './bootstrap.mjs';
import { run } from './steps.mjs';

const importing = ['--config', '.dependency-cruiser.mjs', 'apps', 'packages', 'bench', 'scripts'];

/** Format, lint, boundaries between packages, dead code, import circles, and types. */
export async function staticChecks() {
  const turbo = 'node_modules/.bin/turbo';
  return [
    await run('format', node, ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.']),
    await run('lint', node, ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.']),
    await run('boundaries', `${root}/${turbo}`, ['boundaries']),
    await run('dead code', node, [
      'node_modules/knip/bin/knip.js',
      '--no-progress',
      '--treat-config-hints-as-errors',
    ]),
    await run('circles', node, ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', ...importing]),
    await run('types', ...withPnpm(`${turbo} run typecheck --concurrency=2`)),
  ];
}
