import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Connections, type ConnectionLimits } from './connections.ts';

class TestSocket extends EventEmitter {
  remoteAddress: string;
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

let now = 0;
const limits: ConnectionLimits = {
  max: 4,
  maxOfAddress: 3,
  leastTakenBytes: 100,
  takenWithinMs: 1000,
  checkEveryMs: 100,
};

function scene(isProxy = (_address: string) => false) {
  const connections = new Connections(limits, isProxy, () => now++);
  const add = (address: string) => {
    const socket = new TestSocket(address);
    connections.add(socket as unknown as Socket);
    return socket;
  };
  return { connections, add, begin: (socket: TestSocket) => connections.begin(socket as unknown as Socket) };
}

test('at the limit, closes the longest idle connection of the address that holds the most', () => {
  const { connections, add } = scene();
  const [old, first, second] = [add('10.0.0.1'), add('10.0.0.2'), add('::ffff:10.0.0.2')];
  add('10.0.0.3');
  const newcomer = add('10.0.0.4');
  expect([old, first, second, newcomer].map(({ destroyed }) => destroyed)).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect(connections.count).toBe(4);
});

test('keeps connections with running requests, and closes the newcomer when none is idle', () => {
  const { connections, add, begin } = scene();
  const sockets = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map(add);
  for (const socket of sockets) begin(socket);
  expect(add('10.0.0.5').destroyed).toBe(true);
  expect(sockets.some(({ destroyed }) => destroyed)).toBe(false);
  connections.end(sockets[2] as unknown as Socket);
  expect(add('10.0.0.5').destroyed).toBe(false);
  expect(sockets[2]!.destroyed).toBe(true);
});

test('limits each address to a part of the connections, except the proxy that everybody comes through', () => {
  const one = scene();
  const sockets = [1, 2, 3, 4].map(() => one.add('10.0.0.1'));
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, false, false, false]);
  const behind = scene(() => true);
  expect([1, 2, 3, 4].map(() => behind.add('10.0.0.1')).some(({ destroyed }) => destroyed)).toBe(false);
});

test('closes connections whose client does not read its answer, and no others', () => {
  const { connections, add, begin } = scene();
  const [stuck, drips, takes, quiet] = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map(
    add,
  ) as TestSocket[];
  for (const socket of [stuck, drips, takes, quiet]) begin(socket!);
  const wait = (socket: TestSocket, taken: number) => {
    socket.writableLength = 5000;
    socket.bytesWritten = taken + 5000;
  };
  for (let round = 0; round < 3; round++) {
    wait(stuck!, 0);
    wait(drips!, 10 * round);
    wait(takes!, 200 * round);
    connections.endUnread();
    now += 1000;
  }
  expect([stuck, drips, takes, quiet].map((socket) => socket!.destroyed)).toEqual([true, true, false, false]);
});

test('forgets a closed connection once', () => {
  const { connections, add } = scene();
  const socket = add('10.0.0.1');
  socket.destroy();
  socket.destroy();
  expect(connections.count).toBe(0);
});
