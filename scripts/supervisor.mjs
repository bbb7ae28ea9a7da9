// Keeps a few child processes running until it is told to stop.
//
// What a child can rely on, and what is asked of it:
// - it has an IPC channel; `disconnect` on it means that the supervisor is gone: the child ends itself;
// - it sends the message { ready: <its address> } when it serves; children that name it in `after` are started then;
// - SIGTERM asks it to end; what is left after 4.5 s is killed;
// - exit code 78 says "I cannot run like this, and have said why": nothing is restarted, everything ends with 78.
//   Any other end is unexpected: the child is started again, after a wait that grows while it keeps dying.
import { spawn } from 'node:child_process';

export const CANNOT_RUN = 78;

const stopSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * @typedef {{ name: string, args: string[], after?: string, cwd?: string, env?: NodeJS.ProcessEnv }} ChildOptions
 * @typedef {{ node: string, graceMs?: number, waitsMs?: number[], healthyAfterMs?: number }} SupervisorOptions
 */

/**
 * Runs the children and resolves with the exit code when all of them have ended.
 * @param {ChildOptions[]} children
 * @param {SupervisorOptions} options
 * @returns {Promise<number>}
 */
export function supervise(children, options) {
  const {
    node,
    graceMs = 4500,
    waitsMs = [200, 1000, 5000, 15_000, 30_000],
    healthyAfterMs = 60_000,
  } = options;
  /** @type {Map<string, import('node:child_process').ChildProcess>} */
  const running = new Map();
  /** @type {Map<string, number>} */
  const deaths = new Map();
  /** @type {Set<NodeJS.Timeout>} */
  const timers = new Set();
  /** @type {number | undefined} */
  let exitCode;

  return new Promise((resolve) => {
    // A second signal (npm passes Ctrl-C on although the terminal has sent it already) changes nothing.
    const onSignal = () => stop(0);
    for (const signal of stopSignals) process.on(signal, onSignal);
    const parentWatch = onParentGone(onSignal);
    for (const child of children) if (!child.after) start(child);

    /** @param {ChildOptions} child */
    function start(child) {
      const startedAt = performance.now();
      // In a group of its own: Ctrl-C reaches only the supervisor, and what a child started is killed with it.
      const handle = spawn(node, child.args, {
        cwd: child.cwd,
        env: child.env ?? process.env,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        detached: true,
      });
      running.set(child.name, handle);
      handle.on('message', (message) => Object(message).ready && startFollowers(child.name));
      handle.on('error', (error) => say(`${child.name} could not be started: ${error.message}`));
      handle.on('close', (code, signal) => {
        running.delete(child.name);
        killGroup(handle.pid);
        if (exitCode === undefined) onDeath(child, code, signal, performance.now() - startedAt);
        else endWhenAllEnded();
      });
    }

    /** @param {string} name */
    function startFollowers(name) {
      for (const child of children) {
        const isDue = child.after === name && !running.has(child.name) && !deaths.has(child.name);
        if (isDue && exitCode === undefined) start(child);
      }
    }

    /** @param {ChildOptions} child @param {number | null} code @param {string | null} signal @param {number} ranMs */
    function onDeath(child, code, signal, ranMs) {
      if (code === CANNOT_RUN) {
        say(`${child.name} cannot run like this; the reason is above. Nothing is started again.`);
        return stop(CANNOT_RUN);
      }
      const inARow = ranMs >= healthyAfterMs ? 0 : (deaths.get(child.name) ?? 0);
      deaths.set(child.name, inARow + 1);
      const waitMs = waitsMs[Math.min(inARow, waitsMs.length - 1)] ?? 0;
      say(
        `${child.name} ended unexpectedly (${signal ?? `exit code ${code}`}); starting it again in ${waitMs / 1000} s.`,
      );
      later(waitMs, () => start(child));
    }

    /** @param {number} code */
    function stop(code) {
      if (exitCode !== undefined) return;
      exitCode = code;
      for (const timer of timers) clearTimeout(timer);
      for (const handle of running.values()) handle.kill('SIGTERM');
      later(graceMs, () => {
        for (const handle of running.values()) killGroup(handle.pid);
      });
      endWhenAllEnded();
    }

    function endWhenAllEnded() {
      if (exitCode === undefined || running.size > 0) return;
      for (const timer of timers) clearTimeout(timer);
      for (const signal of stopSignals) process.off(signal, onSignal);
      clearInterval(parentWatch);
      resolve(exitCode);
    }

    /** @param {number} delayMs @param {() => void} task */
    function later(delayMs, task) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        task();
      }, delayMs);
      timers.add(timer);
    }
  });
}

/**
 * npm passes SIGTERM only to the shell between it and us, which ends without a word to us.
 * @param {() => void} stop
 */
function onParentGone(stop) {
  const parent = process.ppid;
  return process.env.npm_lifecycle_event
    ? setInterval(() => process.ppid !== parent && stop(), 250)
    : undefined;
}

/** @param {number | undefined} pid */
function killGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** @param {string} words */
function say(words) {
  process.stderr.write(`turnover: ${words}\n`);
}
