// Tells systemd how the hub is: ready, stopping, alive. Node has no datagram sockets of Unix, so the program systemd-notify of
// systemd itself sends the messages. Without NOTIFY_SOCKET nothing is sent.
import { spawn } from 'node:child_process';

const answerMs = 10_000;

/**
 * @typedef {{ ready(addresses: Map<string, string>): void, pausing(): void, stopping(): void }} ServiceManager `addresses` changes when a child
 *   restarts elsewhere
 */

/**
 * @param {NodeJS.ProcessEnv} env the environment that systemd gives; it is not passed on to the children
 * @returns {ServiceManager}
 */
export function serviceManager(env) {
  if (!env.NOTIFY_SOCKET) return { ready() {}, pausing() {}, stopping() {} };
  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1000;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let isStopping = false;
  return {
    ready(addresses) {
      const address = () => addresses.get('web') ?? '';
      void notify('--ready', `--status=Serving at ${address()}`);
      if (watchdogMs === 0) return;
      clearInterval(timer);
      // Thrice in the time that systemd allows, so that one lost message does no harm.
      timer = setInterval(() => void reportLife(address()), watchdogMs / 3);
    },
    // The reports of life go on: nothing answers at the address, which is no sign of a hanging process.
    pausing() {
      void notify('--status=Restoring a backup');
    },
    stopping() {
      clearInterval(timer);
      isStopping = true;
      void notify('STOPPING=1', '--status=Stopping');
    },
  };

  /** @param {string[]} words @returns {Promise<void>} */
  function notify(...words) {
    const child = spawn('systemd-notify', words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    return new Promise((resolve) => {
      child.on('error', (error) => {
        process.stderr.write(`turnover: systemd-notify could not be started: ${error.message}\n`);
        resolve();
      });
      child.on('close', () => resolve());
    });
  }

  /** @param {string} address */
  async function reportLife(address) {
    if ((await isAnswering(address)) && !isStopping) await notify('WATCHDOG=1');
  }
}

/**
 * Whatever the answer says, the process that gives it is alive. One that restarts refuses the connection, and the supervisor
 * takes care of it; only one that hangs leaves the question open.
 * @param {string} address
 */
async function isAnswering(address) {
  try {
    await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(answerMs) });
  } catch (error) {
    return /** @type {Error} */ (error).name !== 'TimeoutError';
  }
  return true;
}
