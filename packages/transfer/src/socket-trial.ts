// Tries at the start whether this Node lets a connection be taken over (taken-socket.ts), because Node does not document it.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { takeSocket } from './taken-socket.ts';

const bodyBytes = 300_000;
const givesUpMs = 5000;

/** Sends a body to a server in this process. Returns false when a byte, the answer or the end of the connection is missing. */
export async function canTakeSockets(): Promise<boolean> {
  const server = createServer();
  try {
    return await Promise.race([tryOn(server), after(givesUpMs)]);
  } catch {
    return false;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function tryOn(server: Server): Promise<boolean> {
  const body = Buffer.from(
    Uint32Array.from({ length: bodyBytes / 4 }, (_, index) => index * 0x9e3779b1).buffer,
  );
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void receive(request, response).then((came) => response.end(came?.equals(body) ? 'same' : 'other'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  client.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  client.write(`POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
  client.write(body.subarray(0, 1000));
  await once(client, 'connect');
  client.write(body.subarray(1000));
  await once(client, 'close');
  return answer.startsWith('HTTP/1.1 200') && answer.endsWith('same');
}

/** Reads into two blocks and pauses between them. */
async function receive(request: IncomingMessage, response: ServerResponse): Promise<Buffer | null> {
  await nextTurn();
  const came = Buffer.alloc(bodyBytes);
  const { promise, resolve } = Promise.withResolvers<Buffer | null>();
  let at = 0;
  let pausesAt = bodyBytes / 2;
  const source = takeSocket(request, response, bodyBytes, {
    get target() {
      return came.subarray(at, at < pausesAt ? pausesAt : bodyBytes);
    },
    filled(bytes) {
      at += bytes;
      return goesOn();
    },
    accept(chunk) {
      at += chunk.copy(came, at);
      return goesOn();
    },
    ended: (isWhole) => resolve(isWhole ? came : null),
  });
  if (!source) return null;
  function goesOn(): boolean {
    if (at < pausesAt) return true;
    pausesAt = Infinity;
    setImmediate(() => source!.resume());
    return false;
  }
  return promise;
}

async function after(ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  setTimeout(() => resolve(false), ms).unref();
  return promise;
}
