import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { sendPieces } from './send-pieces.ts';

const server = createServer();
afterEach(() => void server.close());

test('leaves no listeners behind, however often it waits for the reader', async () => {
  const listeners: number[] = [];
  server.on('request', (request, response) => {
    async function* pieces() {
      for (let piece = 0; piece < 40; piece++) {
        listeners.push(response.listenerCount('close') + response.listenerCount('drain'));
        yield Buffer.alloc(256 * 1024, 'x');
      }
    }
    const check = async () => undefined;
    void sendPieces(request.method, response, {
      fileName: 'a.txt',
      type: 'text/plain',
      pieces: pieces(),
      check,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect((await answer.text()).length).toBe(40 * 256 * 1024);
  expect(listeners.at(-1)).toBe(listeners[0]);
});
