/** For tests: a real nginx or Caddy in front of an address, configured as in docs/self-hosting.md or with its defaults. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@turnover/core/testing/free-port';

export type ProxyName = 'nginx' | 'caddy';
export type RunningProxy = { address: string; close(): Promise<void> };

const guide = new URL('../../../docs/self-hosting.md', import.meta.url);

/** The configuration block from the guide, with its example addresses. */
export async function documented(name: ProxyName): Promise<string> {
  const block = new RegExp(`\`\`\`${name}\n([^]*?)\`\`\``).exec(await readFile(guide, 'utf8'))?.[1];
  if (!block) throw new Error(`docs/self-hosting.md has no block for ${name}.`);
  return block;
}

export const defaults: Record<ProxyName, string> = {
  nginx: 'location / { proxy_pass http://127.0.0.1:3000; }',
  caddy: ':80 {\n\treverse_proxy 127.0.0.1:3000\n}',
};

/** `block` is the guide's configuration; its example address of the hub is replaced by `target`. */
export async function startProxy(
  file: string,
  name: ProxyName,
  block: string,
  target: string,
  port?: number,
): Promise<RunningProxy> {
  const folder = await mkdtemp(join(tmpdir(), `turnover-${name}-`));
  const at = port ?? (await freePort());
  const pointed = block.replaceAll('127.0.0.1:3000', new URL(target).host);
  const write = { nginx: nginxFile, caddy: caddyFile }[name];
  const config = join(folder, 'config');
  await writeFile(config, write(folder, at, pointed));
  const args = {
    nginx: ['-p', folder, '-e', 'stderr', '-c', config],
    caddy: ['run', '--adapter', 'caddyfile', '--config', config],
  }[name];
  const child = spawn(file, args, {
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit');
  const address = `http://127.0.0.1:${at}`;
  async function close(): Promise<void> {
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), 2_000);
    await exited;
    clearTimeout(cut);
    await rm(folder, { recursive: true, force: true });
  }
  try {
    await reached(address, () => (child.exitCode === null ? null : said));
  } catch (error) {
    await close();
    throw error;
  }
  return { address, close };
}

function nginxFile(folder: string, port: number, block: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  // Workers of a root process switch to another user, who cannot enter the folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;\nworker_processes 1;\npid ${folder}/pid;\nevents {}\nhttp {\n${temporary.join('\n')}\naccess_log off;\nserver {\nlisten 127.0.0.1:${port};\n${block}\n}\n}\n`;
}

function caddyFile(folder: string, port: number, block: string): string {
  const site = block.replace(/^\S+ \{/, `http://127.0.0.1:${port} {\n\tbind 127.0.0.1`);
  return `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${folder}\n}\n${site}\n`;
}

async function reached(address: string, failure: () => string | null): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const said = failure();
    if (said !== null) throw new Error(`The proxy did not start: ${said}`);
    try {
      await fetch(address);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Nobody answers at ${address}.`);
}
