// npm run check: everything that can be checked without running the program, including the generated documents.
import { node, prepare } from './bootstrap.mjs';
import { staticChecks } from './static-checks.mjs';
import { report, run } from './steps.mjs';

const documentTests = [
  'packages/api/src/documentation.test.ts',
  'packages/config/src/write-documentation.test.ts',
  'packages/metrics/src/write-documentation.test.ts',
];

prepare('messages');
const documents = run('documents', node, ['node_modules/vitest/vitest.mjs', 'run', ...documentTests]);
process.exitCode = report([...(await staticChecks()), await documents], 'All checks passed.');
