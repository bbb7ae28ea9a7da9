import { expect, test, vi } from 'vitest';
import type { PlayedFrame, PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import { FrameFiles } from './frame-files.ts';

const fileOf = (frame: number, extension = 'exr') => ({
  id: `dlf_${frame}`,
  frame,
  name: `a.${frame}.${extension}`,
});
/** Frames from 1 on, without each hundredth. */
function viewOf({
  from = 1,
  last = 1000,
  extension = 'exr',
  mayShowOriginals = true,
} = {}): PlayedFramesView {
  const numbers = Array.from({ length: 250 }, (_, at) => from + at).filter(
    (frame) => frame <= last && frame % 100 > 0,
  );
  const frames = {
    first: 1,
    last,
    count: last,
    step: 1,
    missing: 0,
    duplicates: 0,
    ranges: null,
    gaps: null,
  };
  const firstFile = fileOf(1, extension);
  const files = numbers.map((frame) => fileOf(frame, extension));
  return { folder: '', name: 'a.#.exr', frames, wantedRate: null, mayShowOriginals, firstFile, files };
}

const { signal } = new AbortController();
const pause = () => Promise.resolve();
const filesFrom = async (from: number) => viewOf({ from, last: 100_000 }).files;

test('reads each page once, however many frames of it are wanted', async () => {
  const read = vi.fn(filesFrom);
  const files = new FrameFiles(viewOf(), { read, pause });
  expect(files.known(500)).toBeUndefined();
  const found = await Promise.all([251, 300, 499, 3].map((frame) => files.find(frame, signal)));
  expect(found.map((file) => file?.frame)).toEqual([251, undefined, 499, 3]);
  expect(read.mock.calls).toEqual([[251]]);
  expect([files.known(300), files.known(499)?.id]).toEqual([null, 'dlf_499']);
  expect([files.frameOfFile('dlf_499'), files.frameOfFile('dlf_501')]).toEqual([499, undefined]);
});

test('reads a page again after a failure', async () => {
  const read = vi.fn(filesFrom);
  read.mockRejectedValueOnce(new Error('No network.'));
  const files = new FrameFiles(viewOf(), { read, pause });
  await expect(files.find(260, signal)).rejects.toThrow('No network.');
  expect((await files.find(260, signal))?.frame).toBe(260);
});

test('does not read pages that a drag only passes over', async () => {
  vi.useFakeTimers();
  try {
    const read = vi.fn(filesFrom);
    const files = new FrameFiles(viewOf({ last: 100_000 }), { read });
    for (const frame of [1001, 2001, 3001]) {
      const passed = new AbortController();
      const finding = files.find(frame, passed.signal);
      await vi.advanceTimersByTimeAsync(50);
      passed.abort();
      await expect(finding).rejects.toThrow();
    }
    const found = files.find(4001, signal);
    await vi.advanceTimersByTimeAsync(200);
    expect((await found)?.frame).toBe(4001);
    expect(read.mock.calls).toEqual([[4001]]);
  } finally {
    vi.useRealTimers();
  }
});

test('forgets the pages that were not used for longest', async () => {
  const files = new FrameFiles(viewOf({ last: 100_000 }), { read: filesFrom, pause });
  for (let frame = 1; frame < 25_000; frame += 250) {
    await files.find(frame, signal);
    expect(files.known(1)?.frame).toBe(1);
  }
  expect([files.known(251), files.known(24_751)?.frame]).toEqual([undefined, 24_751]);
  expect([files.frameOfFile('dlf_251'), files.frameOfFile('dlf_1')]).toEqual([undefined, 1]);
});

test('finds added files after a renewal, and ignores answers from before it', async () => {
  let answer: (files: PlayedFrame[]) => void = () => undefined;
  const onknown = vi.fn();
  const read = () => new Promise<PlayedFrame[]>((resolve) => (answer = resolve));
  const files = new FrameFiles(viewOf(), { read, pause, onknown });
  const finding = files.find(260, signal);
  await pause();
  files.renew(viewOf());
  expect(onknown).toHaveBeenCalledOnce();
  answer(viewOf({ from: 251 }).files);
  await finding;
  expect(files.known(260)).toBeUndefined();
  expect(onknown).toHaveBeenCalledOnce();
});

test('shows the original of a frame that browsers can show, if the person may see originals', () => {
  const read = async () => null;
  const jpeg = fileOf(1, 'jpg');
  const shown = (mayShowOriginals: boolean) =>
    new FrameFiles(viewOf({ mayShowOriginals }), { read }).pictureOf(jpeg);
  expect(shown(true)).toEqual({ href: '/files/dlf_1?preview=original', isOriginal: true });
  expect(shown(false)).toBe('making');
  const files = new FrameFiles(viewOf(), { read });
  files.refuse(jpeg);
  expect(files.pictureOf(jpeg)).toBe('making');
});

test('shows other frames by their preview, or gives the reason why there is none', () => {
  const files = new FrameFiles(viewOf(), { read: async () => null });
  const [one, two, three] = [fileOf(1), fileOf(2), fileOf(3)];
  const made = { report: null, reason: null };
  files.learn([
    { ...made, id: one.id, previews: ['poster'], status: 'ended' },
    { ...made, id: two.id, previews: [], status: 'ended', reason: 'needs_ffmpeg' },
    { ...made, id: three.id, previews: [], status: 'waiting' },
  ]);
  expect([one, two, three].map((file) => files.pictureOf(file))).toEqual([
    { href: '/files/dlf_1?preview=poster', isOriginal: false },
    { why: 'needs_ffmpeg' },
    'making',
  ]);
});
