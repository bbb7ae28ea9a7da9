import { afterEach, expect, test, vi } from 'vitest';
import { loadPicture } from './load-picture.ts';

afterEach(() => void vi.unstubAllGlobals());

const { signal } = new AbortController();
function answer(status: number, decode: () => Promise<unknown>) {
  vi.stubGlobal('fetch', async () => new Response('bytes', { status }));
  vi.stubGlobal('createImageBitmap', decode);
}
const picture = { width: 64, height: 36, close: () => undefined };

test.each([403, 404, 415])('%i: the hub does not show it', async (status) => {
  answer(status, async () => picture);
  expect(await loadPicture('/a', signal)).toBeNull();
});

test.each([429, 500, 503])('%i: it may arrive another time', async (status) => {
  answer(status, async () => picture);
  await expect(loadPicture('/a', signal)).rejects.toThrow(`${status}`);
});

test('returns null for a picture that the browser cannot decode', async () => {
  answer(200, async () => {
    throw new DOMException('The source image could not be decoded.', 'InvalidStateError');
  });
  expect(await loadPicture('/a', signal)).toBeNull();
  answer(200, async () => picture);
  expect(await loadPicture('/a', signal)).toEqual({ picture, isReduced: false });
});
