/**
 * Bounds the connections of this server. At the limit it closes idle connections, first those of the address that holds
 * the most. It also closes a connection whose client does not read its answer.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { normaliseAddress } from '@turnover/domain/server/addresses';

export type ConnectionLimits = {
  max: number;
  /** The limit per address. It does not apply to a proxy that everybody comes through. */
  maxOfAddress: number;
  /** A client must read this many bytes of a waiting answer within `takenWithinMs`, or its connection is closed. */
  leastTakenBytes: number;
  takenWithinMs: number;
  checkEveryMs: number;
};

export const defaultConnectionLimits: ConnectionLimits = {
  max: 2048,
  maxOfAddress: 1024,
  leastTakenBytes: 60 * 1024,
  takenWithinMs: 60_000,
  checkEveryMs: 5_000,
};

type Connection = {
  address: string;
  /** Number of requests that are being answered. */
  running: number;
  idleSince: number;
  /** Bytes that the client had read when the current window started. */
  takenBytes: number;
  windowSince: number;
};

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #isProxy: (address: string) => boolean;
  readonly #now: () => number;
  readonly #open = new Map<Socket, Connection>();
  readonly #ofAddress = new Map<string, number>();

  constructor(
    limits: ConnectionLimits = defaultConnectionLimits,
    isProxy: (address: string) => boolean = () => false,
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits;
    this.#isProxy = isProxy;
    this.#now = now;
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.add(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.begin(request.socket);
      response.once('close', () => this.end(request.socket));
    });
    const timer = setInterval(() => this.endUnread(), this.#limits.checkEveryMs).unref();
    server.once('close', () => clearInterval(timer));
  }

  get count(): number {
    return this.#open.size;
  }

  add(socket: Socket): void {
    const address = normaliseAddress(socket.remoteAddress ?? '') ?? '';
    const now = this.#now();
    this.#open.set(socket, { address, running: 0, idleSince: now, takenBytes: 0, windowSince: now });
    this.#ofAddress.set(address, (this.#ofAddress.get(address) ?? 0) + 1);
    socket.once('close', () => this.#remove(socket));
    const { max, maxOfAddress } = this.#limits;
    const isOneTooMany = this.#ofAddress.get(address)! > maxOfAddress && !this.#isProxy(address);
    if (isOneTooMany) this.#makeRoom(socket, (connection) => connection.address === address);
    else if (this.#open.size > max) this.#makeRoom(socket, () => true);
  }

  begin(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection) return;
    connection.running++;
    this.#startWindow(socket, connection);
  }

  end(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection) return;
    connection.running--;
    connection.idleSince = this.#now();
  }

  /** Closes connections whose client does not read its answer. */
  endUnread(): void {
    const { leastTakenBytes, takenWithinMs } = this.#limits;
    for (const [socket, connection] of this.#open) {
      // Nothing is waiting, so the client cannot be slow.
      if (socket.writableLength === 0) {
        this.#startWindow(socket, connection);
        continue;
      }
      if (this.#now() - connection.windowSince < takenWithinMs) continue;
      if (takenOf(socket) - connection.takenBytes < leastTakenBytes) socket.destroy();
      else this.#startWindow(socket, connection);
    }
  }

  /**
   * Closes the longest idle connection of the address with the most connections; when none is idle, closes the
   * newcomer.
   */
  #makeRoom(newcomer: Socket, isOf: (connection: Connection) => boolean): void {
    let chosen: [Socket, Connection] | null = null;
    for (const each of this.#open) {
      const [socket, connection] = each;
      if (socket === newcomer || connection.running > 0 || !isOf(connection)) continue;
      if (chosen === null || this.#goesBefore(connection, chosen[1])) chosen = each;
    }
    const leaving = chosen?.[0] ?? newcomer;
    this.#remove(leaving);
    leaving.destroy();
  }

  #goesBefore(one: Connection, other: Connection): boolean {
    const [first, second] = [this.#ofAddress.get(one.address)!, this.#ofAddress.get(other.address)!];
    return first === second ? one.idleSince < other.idleSince : first > second;
  }

  #startWindow(socket: Socket, connection: Connection): void {
    connection.takenBytes = takenOf(socket);
    connection.windowSince = this.#now();
  }

  #remove(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (!connection) return;
    this.#open.delete(socket);
    const left = this.#ofAddress.get(connection.address)! - 1;
    if (left === 0) this.#ofAddress.delete(connection.address);
    else this.#ofAddress.set(connection.address, left);
  }
}

/** Returns the bytes that the client has read. `bytesWritten` also counts bytes that are still in the buffer. */
function takenOf({ bytesWritten, writableLength }: Socket): number {
  return bytesWritten - writableLength;
}
