// A file of realistic size in one request.
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { KillableServer } from './testing/torture.ts';
import { ask, tus } from './testing/transfers.ts';

const MiB = 1024 * 1024;

let hub: TestHub;
let person: Person;
let projectId: string;
let server: KillableServer;
let count = 0;

beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  const project = hub.createProject();
  projectId = project.id;
  person = hub.createPerson({ project });
  server = new KillableServer(hub.folder);
});

afterEach(async () => {
  await server.kill();
  hub.close();
});

async function begin(sizeBytes: number): Promise<string> {
  const input = { projectId, filename: `take ${++count}.mov`, sizeBytes, replace: false };
  return (await beginUpload(hub.as(person), input)).uploadUrl;
}

test('memory stays flat during one PATCH of 6 GiB', async () => {
  await server.start();
  const sizeBytes = 6 * 1024 * MiB + 1;
  const path = await begin(sizeBytes);
  expect(await sendZeros(path, sizeBytes)).toBe(204);
  const head = await ask(server.port, 'HEAD', path, {
    headers: { ...tus, Authorization: `Bearer ${person.id}` },
  });
  expect(head.headers['upload-offset']).toBe(String(sizeBytes));
  expect((await stat(hub.storage.incomingPath(path.slice('/uploads/'.length)))).size).toBe(sizeBytes);
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1];
  expect(Number(peak) / 1024).toBeLessThan(300);
});

function sendZeros(path: string, sizeBytes: number): Promise<number> {
  const block = Buffer.alloc(4 * MiB);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port: server.port,
      host: '127.0.0.1',
      method: 'PATCH',
      path,
      headers: {
        ...tus,
        Authorization: `Bearer ${person.id}`,
        'Content-Type': 'application/offset+octet-stream',
        'Content-Length': sizeBytes,
        'Upload-Offset': 0,
      },
    });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    let left = sizeBytes;
    const send = (): void => {
      while (left > 0) {
        const size = Math.min(left, block.length);
        left -= size;
        if (!request.write(block.subarray(0, size))) {
          request.once('drain', send);
          return;
        }
      }
      request.end();
    };
    send();
  });
}
