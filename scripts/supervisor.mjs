// Keeps a few child processes running until it is stopped.
//
// The contract between the supervisor and a child:
// - the child has an IPC channel; on `disconnect` the supervisor is gone, and the child ends itself;
// - it sends { ready: <its address> } when it serves; then the children that name it in `after` start;
// - SIGTERM asks it to end; after 4.5 s it is killed;
// - it sends { ready, keepsLog: true } when it keeps what the supervisor says, and then gets it as { said: { at, level, words } };
// - it sends { pause: true } for maintenance: everything ends with 79, and the caller starts it again afterwards;
// - exit code 78 means that it cannot run and has printed the reason: everything ends with 78;
// - any other exit is unexpected: the child restarts, after a delay that grows while it keeps dying.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';

export const CANNOT_RUN = 78;
export const PAUSED = 79;

/** The most lines that wait for a child that keeps them. */
const maxSaid = 100;

export const stopSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * @typedef {string[] | ((address: string) => string[])} Args the function is for a child with `after`: it gets the address of that
 *   child, which the settings do not say when the port is 0
 * @typedef {{ name: string, args: Args, after?: string, cwd?: string, env?: NodeJS.ProcessEnv, reloadOn?: string[] }}
 *   ChildOptions `reloadOn`: folders; a change in them restarts the child
 * @typedef {{ node: string, graceMs?: number, waitsMs?: number[], healthyAfterMs?: number, onReady?: (addresses: Map<string, string>) => void,
 *   onStop?: (exitCode: number) => void }} SupervisorOptions `onReady` is called when every child has become ready for the first time
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 */

/**
 * Runs the children and resolves with the exit code when all of them have ended.
 * @param {ChildOptions[]} children
 * @param {SupervisorOptions} options
 * @returns {Promise<number>}
 */
export function supervise(children, options) {
  return new Supervisor(children, options).run();
}

class Supervisor {
  #children;
  #options;
  /** @type {Map<string, ChildProcess>} */
  #running = new Map();
  /** The last address of each child. @type {Map<string, string>} */
  #addresses = new Map();
  /** @type {Map<string, number>} */
  #deaths = new Map();
  /** Children that are being restarted because their sources changed. @type {Set<string>} */
  #reloading = new Set();
  /** Children that died and wait for their restart. @type {Map<string, NodeJS.Timeout>} */
  #restarts = new Map();
  /** Lines that no child keeps yet. @type {{ at: number, level: string, words: string }[]} */
  #said = [];
  /** The child that keeps the log. @type {ChildProcess | undefined} */
  #logKeeper;
  /** @type {Set<NodeJS.Timeout>} */
  #timers = new Set();
  /** @type {number | undefined} */
  #exitCode;
  /** @type {(exitCode: number) => void} */
  #resolve = () => {};
  // A second signal (npm passes Ctrl-C on although the terminal has sent it already) changes nothing.
  #onSignal = () => this.#stop(0);
  #parentWatch = onParentGone(this.#onSignal);
  /** @type {import('node:fs').FSWatcher[]} */
  #watchers = [];

  /** @param {ChildOptions[]} children @param {SupervisorOptions} options */
  constructor(children, options) {
    this.#children = children;
    this.#options = {
      graceMs: 4500,
      waitsMs: [200, 1000, 5000, 15_000, 30_000],
      healthyAfterMs: 60_000,
      ...options,
    };
  }

  run() {
    for (const signal of stopSignals) process.on(signal, this.#onSignal);
    for (const child of this.#children) {
      if (!child.after) this.#start(child);
      if (child.reloadOn) this.#watchers.push(...watchFolders(child.reloadOn, () => this.#reload(child)));
    }
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @param {ChildOptions} child */
  #start(child) {
    const startedAt = performance.now();
    this.#restarts.delete(child.name);
    // A process group of its own: Ctrl-C reaches only the supervisor, and a child's own children die with it.
    const { args } = child;
    const address = this.#addresses.get(child.after ?? '') ?? '';
    const handle = spawn(this.#options.node, typeof args === 'function' ? args(address) : args, {
      cwd: child.cwd,
      env: child.env ?? process.env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
    this.#running.set(child.name, handle);
    handle.on('message', (message) => {
      const { ready, pause, keepsLog } = Object(message);
      if (pause) this.#stop(PAUSED);
      if (!ready) return;
      if (keepsLog) this.#logKeeper = handle;
      this.#passOn();
      const wasReady = this.#addresses.has(child.name);
      this.#addresses.set(child.name, ready);
      if (!wasReady && this.#addresses.size === this.#children.length)
        this.#options.onReady?.(this.#addresses);
      this.#startFollowers(child.name);
    });
    handle.on('error', (error) => this.#say('error', `${child.name} could not be started: ${error.message}`));
    handle.on('close', (code, signal) => {
      this.#running.delete(child.name);
      if (this.#logKeeper === handle) this.#logKeeper = undefined;
      killGroup(handle.pid);
      if (this.#exitCode !== undefined) this.#endWhenAllEnded();
      else if (this.#reloading.delete(child.name)) this.#start(child);
      else this.#onDeath(child, code ?? signal, performance.now() - startedAt);
    });
  }

  /** @param {string} name */
  #startFollowers(name) {
    for (const child of this.#children) {
      const isStarted = this.#running.has(child.name) || this.#deaths.has(child.name);
      if (child.after === name && !isStarted && this.#exitCode === undefined) this.#start(child);
    }
  }

  /** @param {ChildOptions} child */
  #reload(child) {
    const { name } = child;
    const restart = this.#restarts.get(name);
    if (restart) {
      // The change may fix the fault that killed the child.
      clearTimeout(restart);
      this.#start(child);
      return;
    }
    const handle = this.#running.get(name);
    if (!handle || this.#exitCode !== undefined || this.#reloading.has(name)) return;
    this.#say('info', `Restarting ${name}: its sources changed.`);
    this.#reloading.add(name);
    handle.kill('SIGTERM');
    this.#later(this.#options.graceMs, () => {
      if (this.#running.get(name) === handle) killGroup(handle.pid);
    });
  }

  /** @param {ChildOptions} child @param {number | string | null} cause its exit code or signal @param {number} ranMs */
  #onDeath(child, cause, ranMs) {
    if (cause === CANNOT_RUN) {
      this.#say('error', `${child.name} cannot run; the reason is above. Stopping everything.`);
      return this.#stop(CANNOT_RUN);
    }
    const { healthyAfterMs, waitsMs } = this.#options;
    const inARow = ranMs >= healthyAfterMs ? 0 : (this.#deaths.get(child.name) ?? 0);
    this.#deaths.set(child.name, inARow + 1);
    const waitMs = waitsMs[Math.min(inARow, waitsMs.length - 1)] ?? 0;
    const how = typeof cause === 'number' ? `exit code ${cause}` : cause;
    this.#say('warn', `${child.name} ended unexpectedly (${how}); restarting it in ${waitMs / 1000} s.`);
    this.#restarts.set(
      child.name,
      this.#later(waitMs, () => this.#start(child)),
    );
  }

  /** @param {number} code */
  #stop(code) {
    if (this.#exitCode === PAUSED && code !== PAUSED) {
      // Whoever stops a hub that is about to pause does not want it back.
      this.#exitCode = code;
      this.#options.onStop?.(code);
    }
    if (this.#exitCode !== undefined) return;
    this.#exitCode = code;
    this.#options.onStop?.(code);
    this.#clearTimers();
    for (const handle of this.#running.values()) handle.kill('SIGTERM');
    this.#later(this.#options.graceMs, () => {
      for (const handle of this.#running.values()) killGroup(handle.pid);
    });
    this.#endWhenAllEnded();
  }

  #endWhenAllEnded() {
    if (this.#exitCode === undefined || this.#running.size > 0) return;
    this.#clearTimers();
    for (const signal of stopSignals) process.off(signal, this.#onSignal);
    for (const watcher of this.#watchers) watcher.close();
    clearInterval(this.#parentWatch);
    this.#resolve(this.#exitCode);
  }

  /** @param {'info' | 'warn' | 'error'} level @param {string} words */
  #say(level, words) {
    process.stderr.write(`turnover: ${words}\n`);
    this.#said = [...this.#said, { at: Date.now(), level, words }].slice(-maxSaid);
    this.#passOn();
  }

  #passOn() {
    const keeper = this.#logKeeper;
    if (!keeper?.connected) return;
    // A child that ends meanwhile loses them, but they were printed.
    for (const said of this.#said.splice(0)) keeper.send({ said }, () => {});
  }

  #clearTimers() {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** @param {number} delayMs @param {() => void} task */
  #later(delayMs, task) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }
}

/**
 * Calls `onChange` once for changes that come together, as when an editor saves or a branch is checked out.
 * @param {string[]} folders
 * @param {() => void} onChange
 */
function watchFolders(folders, onChange) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const onEvent = (/** @type {string} */ _event, /** @type {string | null} */ file) => {
    if (file !== null && !isSource(file)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, 150).unref();
  };
  return folders.map((folder) => watch(folder, { recursive: true }, onEvent));
}

/** @param {string} file */
function isSource(file) {
  return /\.(ts|mjs|js|sql)$/.test(file) && !/\.test\.ts$/.test(file);
}

/**
 * npm passes SIGTERM only to the shell between it and this process, so this notices when that shell is gone.
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
    // No process of the group exists any more.
  }
}
