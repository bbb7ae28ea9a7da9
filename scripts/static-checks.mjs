// The checks that read the sources without running them.
import { node, root, withPnpm } from './bootstrap.mjs';
import { hashFiles } from './stamp.mjs';
import { run } from './steps.mjs';

const prettier = 'node_modules/prettier/bin/prettier.cjs';
const eslint = 'node_modules/eslint/bin/eslint.js';
const importing = ['--config', '.dependency-cruiser.mjs', 'apps', 'packages', 'bench', 'scripts'];

/**
 * Options for a tool that remembers the files in which it found nothing, by their content. The tools compare their own versions
 * and settings; other plugins come with another lock file, which begins a new folder.
 * @param {string} tool
 */
function cached(tool) {
  const folder = `node_modules/.cache/checks/${hashFiles(root, ['pnpm-lock.yaml']).slice(0, 16)}`;
  return ['--cache', '--cache-strategy=content', `--cache-location=${folder}/${tool}`];
}

/** Format, lint, boundaries between packages, dead code, import circles, and types. */
export async function staticChecks() {
  const turbo = 'node_modules/.bin/turbo';
  return [
    await run('format', node, [prettier, '--check', '--log-level=warn', ...cached('prettier'), '.']),
    await run('lint', node, [eslint, '--max-warnings=0', ...cached('eslint'), '.']),
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
