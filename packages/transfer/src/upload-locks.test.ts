import { describe, expect, test } from 'vitest';
import { UploadLocked, UploadLocks } from './upload-locks.ts';

describe('UploadLocks', () => {
  test('grants the lock to one holder at a time, in order of arrival', async () => {
    const locks = new UploadLocks(10_000);
    const order: number[] = [];
    let holders = 0;
    await Promise.all(
      [1, 2, 3, 4].map(async (place) => {
        const lock = await locks.acquire('upl', 'soon');
        expect(++holders).toBe(1);
        order.push(place);
        await new Promise(setImmediate);
        holders--;
        lock.release();
      }),
    );
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('locks each upload separately', async () => {
    const locks = new UploadLocks(10_000);
    await locks.acquire('one', 'soon');
    await locks.acquire('two', 'soon');
  });

  test('notifies the holder of a waiter at once and again when a more urgent one arrives', async () => {
    const locks = new UploadLocks(10_000);
    const holder = await locks.acquire('upl', 'soon');
    const heard: (string | null)[] = [];
    holder.onWanted(() => heard.push(holder.wanted));
    expect(holder.wanted).toBeNull();
    const patient = locks.acquire('upl', 'when-silent');
    const urgent = locks.acquire('upl', 'soon');
    expect(heard).toEqual(['when-silent', 'soon']);
    holder.release();
    const next = await patient;
    const heardByNext: (string | null)[] = [];
    next.onWanted(() => heardByNext.push(next.wanted));
    expect(heardByNext).toEqual(['soon']);
    next.release();
    expect((await urgent).wanted).toBeNull();
  });

  test('refuses and forgets a waiter that waited too long', async () => {
    const locks = new UploadLocks(5);
    const holder = await locks.acquire('upl', 'soon');
    await expect(locks.acquire('upl', 'soon')).rejects.toThrow(UploadLocked);
    expect(holder.wanted).toBeNull();
    holder.release();
    holder.release();
    (await locks.acquire('upl', 'soon')).release();
  });

  test('works as the locker of @tus/server', async () => {
    const locks = new UploadLocks(10_000);
    const signal = new AbortController().signal;
    const first = locks.newLock('upl');
    const asked = Promise.withResolvers<void>();
    await first.lock(signal, () => asked.resolve());
    const second = locks.newLock('upl');
    const granted = second.lock(signal, () => undefined);
    await asked.promise;
    await first.unlock();
    await granted;
    await second.unlock();
  });
});
