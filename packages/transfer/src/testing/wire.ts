/** For tests: a network between client and hub that damages bits, or goes silent without closing a connection. */
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A bit of a body: the byte, and which of its bits. */
export type Flip = { byte: number; bit: number };

export async function startWire(hubPort: number) {
  const sockets = new Set<Socket>();
  let flip: Flip | null = null;
  let isCut = false;
  const server = createServer((client) => {
    const hub = connect(hubPort, '127.0.0.1');
    const damage = flip && flipper(flip);
    flip = null;
    for (const socket of [client, hub]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    const passOn = (from: Socket, to: Socket, change: (chunk: Buffer) => void = () => undefined) => {
      from.on('data', (chunk: Buffer) => {
        if (isCut) return;
        change(chunk);
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => from.resume());
      // The end of a connection does not pass a cut either.
      from.on('close', () => isCut || to.destroy());
    };
    passOn(client, hub, damage ?? undefined);
    passOn(hub, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    /** Damages the body of the request on the next connection. */
    flipNext(next: Flip): void {
      flip = next;
    },
    /** From now on nothing arrives anywhere, and nobody is notified. */
    cut(): void {
      isCut = true;
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function flipper({ byte, bit }: Flip): (chunk: Buffer) => void {
  let head = '';
  /** The position in the body of the next byte. Null: still in the headers. */
  let at: number | null = null;
  return (chunk) => {
    let from = 0;
    if (at === null) {
      const before = head.length;
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      from = end + 4 - before;
      at = 0;
    }
    const index = from + byte - at;
    if (index >= from && index < chunk.length) chunk[index]! ^= 1 << bit;
    at += chunk.length - from;
  };
}
