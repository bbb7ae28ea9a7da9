// The pages that people have open all day, filled by the demonstration: the script and the requests of a first visit, and
// when the first content shows on a processor that is slowed down four times.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../packages/core/src/testing/free-port.ts';
import { costOf, openBrowser, signedIn, type PageCost } from '../apps/web/e2e/page-cost.ts';
import { provideBrowser } from '../scripts/browser.mjs';
import { webArguments } from '../scripts/servers.mjs';
import { root, serve, start, stop } from './process.ts';

const rounds = 7;
const slowdown = 4;
const aims = { firstContentMs: 500, scriptBytes: 150_000, requests: 30 };
const owner = { email: 'owner@example.com', password: 'northern-light' };
/** A coordinator of the demonstration project. */
const visitor = { email: 'cora@example.com', password: 'northern-light' };

export async function benchPages(): Promise<void> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'turnover-bench-pages-'));
  const env = {
    TURNOVER_DATA: dataFolder,
    TURNOVER_OWNER_EMAIL: owner.email,
    TURNOVER_OWNER_PASSWORD: owner.password,
    PORT: String(await freePort()),
    HOST: '127.0.0.1',
  };
  const web = await serve(webArguments, env);
  const worker = start(['apps/worker/src/main.ts'], env);
  try {
    await playDemonstration(env, web.address);
    await measure(web.address);
  } finally {
    await stop(worker);
    await stop(web.process);
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

async function measure(address: string): Promise<void> {
  const browser = await openBrowser(provideBrowser());
  try {
    const cookies = await signedIn(browser, address, visitor);
    const session = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    for (const [name, page] of Object.entries(await pagesOf(address, session))) {
      const costs: PageCost[] = [];
      // The first visit warms the server and is not counted.
      for (let round = 0; round <= rounds; round++) {
        const cost = await costOf(browser, `${address}${page}`, { cookies, slowdown });
        if (round > 0) costs.push(cost);
      }
      print(name, costs);
    }
  } finally {
    await browser.close();
  }
}

async function pagesOf(address: string, cookie: string): Promise<Record<string, string>> {
  const query = async (procedure: string, input: object) => {
    const url = `${address}/api/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
    const answer = await fetch(url, { headers: { cookie } });
    if (!answer.ok) throw new Error(`${procedure} answered with ${answer.status}`);
    return ((await answer.json()) as { result: { data: never } }).result.data;
  };
  const [project]: { id: string }[] = await query('projects.list', {});
  const projectId = project!.id;
  const { requests }: { requests: { id: string; fileCount: number }[] } = await query('requests.list', {
    projectId,
  });
  const request = requests.toSorted((one, other) => other.fileCount - one.fileCount)[0]!;
  return {
    Workspace: `/p/${projectId}/workspace`,
    Deliveries: `/p/${projectId}/deliveries`,
    Details: `/p/${projectId}/deliveries/${request.id}`,
  };
}

function print(name: string, costs: readonly PageCost[]): void {
  const shown = (key: keyof PageCost) => costs.map((cost) => cost[key]).sort((one, other) => one - other);
  const line = (what: string, key: keyof PageCost, text: (value: number) => string) => {
    const values = shown(key);
    const median = values[Math.floor(values.length / 2)]!;
    const verdict = median <= aims[key] ? 'reached' : 'NOT reached';
    const spread = `${text(values[0]!)} to ${text(values.at(-1)!)}`;
    console.log(
      `  ${name.padEnd(12)} ${what.padEnd(16)} ${text(median).padStart(9)}  (${spread}; aim: ${text(aims[key])}) ${verdict}`,
    );
  };
  line('first content', 'firstContentMs', (ms) => `${ms.toFixed(0)} ms`);
  line('script, sent', 'scriptBytes', (bytes) => `${(bytes / 1000).toFixed(0)} kB`);
  line('requests', 'requests', String);
}

/** Resolves when the project of the demonstration is filled. */
async function playDemonstration(env: Record<string, string>, address: string): Promise<void> {
  const demonstration = spawn(process.execPath, ['apps/cli/src/demo.ts', address], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  try {
    await new Promise<void>((resolve, reject) => {
      let said = '';
      // A story that stopped keeps its process, so its words report the failure.
      const listen = (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('The project is filled')) resolve();
        if (said.includes('The story stopped')) reject(new Error(said));
      };
      for (const stream of [demonstration.stdout, demonstration.stderr]) stream?.on('data', listen);
      demonstration.once('exit', () => reject(new Error(`The demonstration ended: ${said}`)));
    });
  } finally {
    await stop(demonstration);
  }
}
