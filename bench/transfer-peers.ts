// The programs that `bench/transfer.ts` compares uploads with, each on its own port or folder.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../packages/core/src/testing/free-port.ts';
import { root, serve, stop, timed } from './process.ts';

export type Peer = {
  /** Sends the file under this name and resolves when the peer has confirmed it. */
  send(file: string, name: string): Promise<void>;
  /** Deletes the sent file. */
  clear(name: string): void;
  /** The processes that receive, with what they start. Empty when those that have ended leave no account of their time. */
  pids: number[];
  stop(): Promise<void>;
};

/** Null when its program is not installed. */
type Start = (folder: string) => Promise<Peer | null>;

export async function startDd(folder: string): Promise<Peer> {
  return {
    send: async (file, name) => {
      await timed('dd', [`if=${file}`, `of=${path.join(folder, name)}`, 'bs=4M', 'conv=fdatasync']);
    },
    clear: (name) => rmSync(path.join(folder, name)),
    pids: [process.pid],
    stop: async () => {},
  };
}

export async function startBareTus(folder: string): Promise<Peer> {
  const stock = await serve(['packages/transfer/src/testing/stock-process.ts', folder]);
  return {
    send: async (file) => {
      const url = await createUpload(stock.address, file, { filename: 'file.mov' });
      await patch(url, file);
    },
    clear: () => {
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
    },
    pids: [stock.process.pid!],
    stop: () => stop(stock.process),
  };
}

export const startNginx: Start = async (folder) => {
  const nginx = findProgram('nginx');
  if (!nginx || !hasCurl) return null;
  const port = await freePort();
  const files = path.join(folder, 'files');
  mkdirSync(files);
  writeNginxConfig(folder, port, `location / { root ${files}; dav_methods PUT DELETE; }`);
  const child = await startNginxIn(nginx, folder, port);
  return {
    send: (file, name) => curl(['-X', 'PUT', '-T', file, `http://127.0.0.1:${port}/${name}`]),
    clear: (name) => rmSync(path.join(files, name)),
    pids: [child.pid!],
    stop: () => stop(child),
  };
};

export const vaultLocation = '/turnover-vault/';

/** An nginx in front of the hub, as docs/self-hosting.md describes it, which also serves the vault at `/static/`. Null: not installed. */
export async function startVaultProxy(
  folder: string,
  vault: string,
  hub: string,
): Promise<{ address: string; stop(): Promise<void> } | null> {
  const nginx = findProgram('nginx');
  if (!nginx) return null;
  const port = await freePort();
  writeNginxConfig(
    folder,
    port,
    `sendfile on; location /static/ { alias ${vault}/; }
location ${vaultLocation} { internal; alias ${vault}/; etag off; add_header ETag $upstream_http_etag; }
location / { proxy_pass ${hub}; proxy_set_header X-Turnover-Vault ${vaultLocation}; }`,
  );
  const child = await startNginxIn(nginx, folder, port);
  return { address: `http://127.0.0.1:${port}`, stop: () => stop(child) };
}

function writeNginxConfig(folder: string, port: number, locations: string): void {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes 1; pid ${folder}/pid;
events {} http { ${temporary.join(' ')} access_log off; client_max_body_size 0; server { listen 127.0.0.1:${port};
${locations} } }`;
  writeFileSync(path.join(folder, 'nginx.conf'), config);
}

function startNginxIn(nginx: string, folder: string, port: number): Promise<ChildProcess> {
  return daemon(nginx, ['-p', folder, '-e', 'stderr', '-c', path.join(folder, 'nginx.conf')], port);
}

export const startRsync: Start = async (folder) => {
  const rsync = findProgram('rsync');
  if (!rsync) return null;
  const port = await freePort();
  const files = path.join(folder, 'files');
  mkdirSync(files);
  const isRoot = process.getuid?.() === 0;
  const configFile = path.join(folder, 'rsyncd.conf');
  writeFileSync(
    configFile,
    `${isRoot ? 'uid = root\ngid = root\n' : ''}use chroot = no\n[files]\npath = ${files}\nread only = false\n`,
  );
  const options = ['--no-detach', `--config=${configFile}`, `--port=${port}`, '--address=127.0.0.1'];
  const child = await daemon(rsync, ['--daemon', ...options], port);
  return {
    send: async (file, name) => {
      await timed(rsync, ['--whole-file', '-r', file, `rsync://127.0.0.1:${port}/files/${name}`]);
    },
    clear: (name) => rmSync(path.join(files, name), { recursive: true }),
    pids: [],
    stop: () => stop(child),
  };
};

export const startSftp: Start = async (folder) => {
  const [sshd, sftp, keygen] = ['sshd', 'sftp', 'ssh-keygen'].map(findProgram);
  const server = ['/usr/lib/openssh/sftp-server', '/usr/libexec/openssh/sftp-server'].find((file) =>
    existsSync(file),
  );
  if (!sshd || !sftp || !keygen || !server) return null;
  const port = await freePort();
  const at = (name: string) => path.join(folder, name);
  for (const name of ['host', 'user']) spawnSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  mkdirSync('/run/sshd', { recursive: true });
  writeFileSync(
    at('sshd_config'),
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${at('host')}\nAuthorizedKeysFile ${at('user.pub')}\nPidFile none
StrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\nSubsystem sftp ${server}\n`,
  );
  const child = await daemon(sshd, ['-D', '-e', '-f', at('sshd_config')], port);
  const ssh = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  return {
    send: async (file, name) => {
      writeFileSync(at('batch'), `put ${file} ${at(name)}\n`);
      const options = ssh.flatMap((option) => ['-o', option]);
      await timed(sftp, [
        '-q',
        '-b',
        at('batch'),
        '-i',
        at('user'),
        '-P',
        `${port}`,
        ...options,
        '127.0.0.1',
      ]);
    },
    clear: (name) => rmSync(at(name)),
    pids: [],
    stop: () => stop(child),
  };
};

/** Creates a tus upload and returns its address. */
export async function createUpload(
  address: string,
  file: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<string> {
  const answer = await fetch(`${address}/uploads`, {
    method: 'POST',
    headers: {
      ...headers,
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(statSync(file).size),
      'Upload-Metadata': Object.entries(fields)
        .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
        .join(','),
    },
  });
  if (answer.status !== 201) throw new Error(`POST answered ${answer.status}: ${await answer.text()}`);
  return new URL(answer.headers.get('location')!, address).href;
}

/** Sends the whole file in one PATCH. */
export async function patch(url: string, file: string, moreHeaders: readonly string[] = []): Promise<void> {
  const headers = [
    'Tus-Resumable: 1.0.0',
    'Upload-Offset: 0',
    'Content-Type: application/offset+octet-stream',
    ...moreHeaders,
  ];
  if (!hasCurl) await timed(process.execPath, ['bench/send.ts', url, file, ...headers]);
  else await curl(['-X', 'PATCH', '-T', file, ...headers.flatMap((header) => ['-H', header]), url]);
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

async function curl(args: string[]): Promise<void> {
  await timed('curl', ['-sS', '--fail', '-o', '/dev/null', '-H', 'Expect:', ...args]);
}

function findProgram(name: string): string | undefined {
  const folders = ['/usr/sbin', '/usr/bin', ...(process.env.PATH ?? '').split(path.delimiter)];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/** Starts a program and resolves when it listens. */
async function daemon(file: string, args: string[], port: number): Promise<ChildProcess> {
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`${file} ended: ${said}`);
    const socket = connect(port, '127.0.0.1');
    const isThere = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      wait(1000, false),
    ]);
    socket.destroy();
    if (isThere) return child;
    await wait(50);
  }
  throw new Error(`${file} does not listen: ${said}`);
}
