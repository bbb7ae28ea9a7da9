// Runs the steps of the Containerfile in clean roots of Debian, then the hub in the last of them as compose.yml does. There is no
// container engine in it: what is tested is the recipe. Needs root, debootstrap and Debian's packages.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../packages/core/src/testing/free-port.ts';
import { root } from './bootstrap.mjs';
import { installDebianPackages } from './debian.mjs';
import { buildImage, startContainer, type Container, type Image } from './testing/container-root.ts';

const minutes = 60_000;
const canRun = process.getuid?.() === 0 && installDebianPackages(['debootstrap']);

describe.skipIf(!canRun)('the steps of the Containerfile', () => {
  let folder: string;
  let image: Image;
  let container: Container;
  let log = '';

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'turnover-container-'));
    const file = path.join(root, 'Containerfile');
    // ffmpeg takes minutes to install, and changes nothing in the recipe.
    image = buildImage({ context: root, file, folder, args: { PACKAGES: 'ca-certificates' } });
    container = startContainer(image, path.join(folder, 'volumes'), {
      PORT: String(await freePort()),
    });
    const { stdout, stderr } = container.process;
    for (const stream of [stdout, stderr]) stream!.on('data', (text: Buffer) => (log += text.toString()));
  }, 20 * minutes);
  afterAll(async () => {
    if (container && container.process.exitCode === null) {
      container.process.kill('SIGKILL');
      await once(container.process, 'exit');
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  }, 2 * minutes);

  test(
    'make a hub that is well, by its own health check',
    async () => {
      await expect
        .poll(() => container.exec(image.healthcheck).output, { timeout: 2 * minutes, interval: 1000 })
        .toContain('"status":"ok"');
      expect(container.exec(image.healthcheck).status).toBe(0);
      expect(log).toContain('/setup/');
    },
    3 * minutes,
  );

  test('run as a user without capabilities, who can write the volumes and nothing else', () => {
    const status = readFileSync(`/proc/${container.process.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+10001\s+10001/m);
    expect(status).toMatch(/^CapBnd:\s+0000000000000000$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    const write = (file: string) => container.exec(['sh', '-c', `echo x > ${file}`]).output;
    expect(write('/app/x')).toContain('Read-only file system');
    expect(write('/etc/x')).toContain('Read-only file system');
    expect(write('/state/x')).toBe('');
    expect(statSync(path.join(folder, 'volumes/data/turnover.db')).uid).toBe(10001);
  });

  test('hold no settings, data or history of the machine that built them', () => {
    const held = container.exec(['ls', '-A', '/app']).output.split('\n');
    expect(held).toContain('Containerfile');
    for (const name of ['.git', 'data', 'turnover.env']) expect(held).not.toContain(name);
  });

  test('stop in time when asked to', async () => {
    const ended = once(container.process, 'exit');
    container.process.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
