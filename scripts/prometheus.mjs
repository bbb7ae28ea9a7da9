// Finds promtool, which checks the metrics and the alert rules: the system's or that of Debian's package prometheus.
import { spawnSync } from 'node:child_process';
import { installDebianPackages } from './debian.mjs';

const program = 'promtool';

function isThere() {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Installs it where that is possible; otherwise the tests say that they skip it.
 * @returns {Record<string, string>} the environment in which the tests find it
 */
export function providePromtool() {
  if (isThere() || (installDebianPackages(['prometheus']) && isThere()))
    return { TURNOVER_TEST_PROMTOOL: program };
  process.stderr.write('Not installed: promtool. Skipping the tests that need it.\n');
  return {};
}
