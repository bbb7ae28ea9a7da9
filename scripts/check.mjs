// npm run check: everything that a change can be checked for without running it, the generated documents included.
import { node, prepare } from './bootstrap.mjs';
import { staticChecks } from './static-checks.mjs';
import { report, run } from './steps.mjs';

const documentTests = [
  'packages/api/src/documentation.test.ts',
  'packages/config/src/write-documentation.test.ts',
];

prepare('messages');
const documents = run('documents', node, ['node_modules/vitest/vitest.mjs', 'run', ...documentTests]);
process.exitCode = report([...(await staticChecks()), await documents], 'All checks passed.');
