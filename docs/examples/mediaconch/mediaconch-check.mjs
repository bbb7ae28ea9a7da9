// An external check (docs/checks.md): asks MediaConch whether a file keeps a policy, and answers as Turnover expects.
// node mediaconch-check.mjs <mediaconch> <policy> <file>
import { spawnSync } from 'node:child_process';

const severities = { fail: 'error', warn: 'warning', info: 'note' };
const [program, policy, file] = process.argv.slice(2);
const { status, stdout, stderr } = spawnSync(program, ['-p', policy, '-fs', file], { encoding: 'utf8' });
const [verdict, ...lines] = stdout.split('\n');
if (status !== 0 || !/^(pass|fail|warn|info)! /.test(verdict)) {
  console.error(stderr || stdout);
  process.exit(1);
}

/** `   --   [fail:24 bit]`: the deeper a line is indented, the more exactly it says what is wrong. */
const outcomes = lines.flatMap((line) => {
  const [, indent, outcome, rule] = /^\s*--(\s+)\[(\w+):(.+)\]$/.exec(line) ?? [];
  return outcome in severities ? [{ depth: indent.length, outcome, rule }] : [];
});
const findings = outcomes
  .filter(({ depth }, at) => (outcomes[at + 1]?.depth ?? 0) <= depth)
  .map(({ outcome, rule }) => ({
    severity: severities[outcome],
    text: `The file does not keep “${rule.slice(0, 170)}”.`,
  }));
console.log(JSON.stringify({ findings, facts: { policyKept: verdict.startsWith('pass') } }));
