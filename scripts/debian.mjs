// Installs Debian's packages for the tests where possible, without starting their services.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const policy = '/usr/sbin/policy-rc.d';

/**
 * Returns true when the packages are installed now; false on other systems, or without root.
 * @param {string[]} packages
 */
export function installDebianPackages(packages) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  process.stderr.write(`Installing ${packages.join(', ')} for the tests…\n`);
  return withoutServices(() => {
    const install = ['install', '-y', '--no-install-recommends', ...packages];
    return aptGet(install) || (aptGet(['update']) && aptGet(install));
  });
}

/**
 * Server packages start their services. Debian's way to prevent this is a policy file that refuses.
 * @template Result
 * @param {() => Result} work
 */
function withoutServices(work) {
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return work();
  } finally {
    rmSync(policy, { force: true });
  }
}

/** @param {string[]} args */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { env, stdio: 'ignore' }).status === 0;
}
