// Runs the steps of `npm test` and `npm run check`, keeps the output of each together, and prints a summary.
import { spawn } from 'node:child_process';
import { root, toolEnv } from './bootstrap.mjs';

/** @typedef {{ name: string, ok: boolean, seconds: number }} Result */

/**
 * Runs one step. Shows its output when it fails, or always with `showOutput`.
 * @param {string} name
 * @param {string} file
 * @param {string[]} stepArgs
 * @param {{ showOutput?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Result>}
 */
export function run(name, file, stepArgs, { showOutput = false, cwd = root, env = {} } = {}) {
  const startedAt = performance.now();
  /** @type {Buffer[]} */
  const output = [];
  const child = spawn(file, stepArgs, {
    cwd,
    env: { ...toolEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)`);
      if (showOutput || code !== 0) console.log(`${Buffer.concat(output).toString().trim()}\n`);
      resolve({ name, ok: code === 0, seconds });
    });
  });
}

/**
 * Prints one line per step and returns the exit code of the whole.
 * @param {Result[]} results
 * @param {string} success
 */
export function report(results, success) {
  const failed = results.filter((result) => !result.ok);
  for (const { name, ok, seconds } of results) {
    console.log(`${ok ? '  ok    ' : '  FAILED'}  ${name} (${seconds.toFixed(1)} s)`);
  }
  console.log(
    failed.length === 0 ? `\n${success}` : `\nFailed: ${failed.map(({ name }) => name).join(', ')}.`,
  );
  return failed.length === 0 ? 0 : 1;
}
