import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dpx, exr, exrAttributes } from '../inspect/testing/frames.ts';
import { cueList } from '@turnover/domain/media/cue-list';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import { maxPeakPairs, readPeaks } from '@turnover/domain/media/peaks';
import { stageOutcome, type StageInput } from '@turnover/domain/media/stages';
import { quickTime } from '../inspect/testing/movies.ts';
import { chunk, fmt, riff } from '../inspect/testing/waves.ts';
import { findFfmpeg, type Ffmpeg } from '../preview/ffmpeg.ts';
import { inspect } from './inspect.ts';
import { makePreviews } from './preview.ts';

let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-preview-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ffmpeg = findFfmpeg();
const slow = { timeout: 60_000 };

function inputFor(name: string, content: Buffer | string): StageInput {
  const place = join(folder, String(made++));
  mkdirSync(join(place, 'previews'), { recursive: true });
  const path = join(place, name);
  writeFileSync(path, content);
  return {
    path,
    name,
    sizeBytes: statSync(path).size,
    mediaKind: mediaKind(name),
    checksums: [],
    report: null,
    siblings: [],
    layouts: null,
    wanted: null,
    limits: null,
    previews: { folder: join(place, 'previews'), maxBytes: 1e8 },
    seed: 'asset',
    simulationSpeed: 1,
    lanes: { heavy: [0], light: [0] },
    now: 0,
  };
}

/** Runs the stage as the worker does: after the inspection, with its outcome validated. */
async function previewOf(
  name: string,
  content: Buffer | string,
  program: Ffmpeg | null = null,
  maxBytes = 1e8,
) {
  const io = { signal: new AbortController().signal, progress() {} };
  const input = inputFor(name, content);
  const inspected = stageOutcome.parse(await inspect(input, io));
  const report = (inspected.kind === 'done' && inspected.report) || null;
  const outcome = stageOutcome.parse(
    await makePreviews({ ...input, report, previews: { ...input.previews!, maxBytes } }, io, program),
  );
  return { outcome, folder: input.previews!.folder };
}

/** One second of a sine at full scale on the first channel, and silence on the others. */
function wave(channels: number): Buffer {
  const data = Buffer.alloc(48_000 * channels * 2);
  for (let frame = 0; frame < 48_000; frame += 1) {
    data.writeInt16LE(
      Math.round(32_767 * Math.sin((2 * Math.PI * 100 * frame) / 48_000)),
      frame * channels * 2,
    );
  }
  return riff([fmt({ channels, bits: 16 }), chunk('data', data)]);
}

describe('without ffmpeg', () => {
  test('draws the waveform of a WAVE file, by channel', async () => {
    const { outcome, folder: previews } = await previewOf('mix.wav', wave(2));
    expect(outcome).toMatchObject({ kind: 'done', previews: ['peaks'] });
    const { buffer, byteOffset, byteLength } = readFileSync(join(previews, 'peaks'));
    const peaks = readPeaks(buffer.slice(byteOffset, byteOffset + byteLength))!;
    expect(peaks).toMatchObject({ channels: 2, pairsPerSecond: 100 });
    expect(peaks.pairs[0]).toHaveLength(200);
    expect([Math.min(...peaks.pairs[0]!), Math.max(...peaks.pairs[0]!)]).toEqual([-127, 127]);
    expect(new Set(peaks.pairs[1])).toEqual(new Set([0]));
  });

  test('a waveform stays small, however many channels and hours', async () => {
    // 170 s of 64 channels would have 1,088,000 pairs at 100 per second.
    const data = Buffer.alloc(170 * 1000 * 64, 128);
    const { folder: previews } = await previewOf(
      'many.wav',
      riff([fmt({ channels: 64, bits: 8, rate: 1000 }), chunk('data', data)]),
    );
    const size = statSync(join(previews, 'peaks')).size;
    expect(size).toBeGreaterThan(maxPeakPairs);
    expect(size).toBeLessThanOrEqual(maxPeakPairs * 2 + 20);
  });

  test.each(['png', 'jpeg', 'webp', 'tiff'] as const)(
    'makes a poster and a thumbnail of %s',
    async (format) => {
      const picture = sharp({ create: { width: 2400, height: 1200, channels: 3, background: 'teal' } });
      const { outcome, folder: previews } = await previewOf(
        `key-art.${format}`,
        await picture.toFormat(format).toBuffer(),
      );
      expect(outcome).toMatchObject({ kind: 'done', previews: ['poster', 'thumbnail'] });
      expect(await sharp(join(previews, 'poster')).metadata()).toMatchObject({
        format: 'jpeg',
        width: 1920,
        height: 960,
      });
      expect(await sharp(join(previews, 'thumbnail')).metadata()).toMatchObject({
        format: 'jpeg',
        width: 320,
      });
    },
  );

  test('makes nothing of a movie that holds only text', async () => {
    const io = { signal: new AbortController().signal, progress() {} };
    const report = { reader: 'test', container: 'MXF', tracks: [{ kind: 'text' as const }], details: {} };
    const input = { ...inputFor('subtitles.mov', quickTime()), report };
    for (const program of [null, { version: '5' }])
      expect(await makePreviews(input, io, program)).toEqual({ kind: 'skipped', reason: 'no_preview' });
  });

  test('lists the texts of subtitles with their times', async () => {
    const srt = '1\n00:00:01,000 --> 00:00:02,500\nGood evening.\nAll of you.\n';
    const { outcome, folder: previews } = await previewOf('en.srt', srt);
    expect(outcome).toMatchObject({ kind: 'done', previews: ['cues'] });
    expect(cueList.parse(JSON.parse(readFileSync(join(previews, 'cues'), 'utf8')))).toEqual({
      cues: [{ fromMs: 1000, toMs: 2500, text: 'Good evening.\nAll of you.' }],
      total: 1,
    });
  });

  test.each([
    ['an empty file', 'feature.mov', '', 'empty_file'],
    ['a movie', 'feature.mov', movieStart(), 'needs_ffmpeg'],
    ['sound that is no WAVE', 'mix.flac', Buffer.from('fLaC\0\0\0\x22'), 'needs_ffmpeg'],
    ['a playlist', 'feature.mov', '#EXTM3U\n/etc/passwd\n', 'no_preview'],
    ['an SVG', 'logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', 'no_preview'],
    ['something unknown', 'feature.mov', Buffer.alloc(100, 7), 'no_preview'],
  ])('skips %s with a reason', async (_, name, content, reason) => {
    expect((await previewOf(name, content)).outcome).toEqual({ kind: 'skipped', reason });
  });

  test('skips on a full disk', async () => {
    const io = { signal: new AbortController().signal, progress() {} };
    const input = { ...inputFor('mix.wav', wave(1)), previews: null };
    expect(await makePreviews(input, io, null)).toEqual({ kind: 'skipped', reason: 'no_space' });
  });

  test('a picture that cannot be decoded gets a problem', async () => {
    const png = await sharp({ create: { width: 640, height: 640, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const { outcome } = await previewOf('still.png', png.subarray(0, png.length / 2));
    expect(outcome).toMatchObject({ kind: 'done', previews: [], problems: [{ code: 'not_decodable' }] });
  });

  test('decodes the usual frames without ffmpeg, and says that other frames need it', async () => {
    const { outcome, folder: previews } = await previewOf('shot.0001.dpx', dpx());
    expect(outcome).toMatchObject({ kind: 'done', previews: ['poster', 'thumbnail'] });
    expect(await sharp(join(previews, 'poster')).metadata()).toMatchObject({ width: 64, height: 32 });
    const piz = exr(
      exrAttributes().map(([name, kind, value]) => [
        name,
        kind,
        name === 'compression' ? Buffer.from([4]) : value,
      ]),
    );
    expect((await previewOf('shot.0001.exr', piz)).outcome).toEqual({
      kind: 'skipped',
      reason: 'needs_ffmpeg',
    });
  });

  test('refuses a picture that is a decompression bomb', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="17000" height="17000"/>`;
    const png = await sharp(Buffer.from(svg), { limitInputPixels: false }).png().toBuffer();
    expect(png.length).toBeLessThan(2_000_000);
    const { outcome } = await previewOf('bomb.png', png);
    expect(outcome).toMatchObject({
      kind: 'done',
      previews: [],
      problems: [{ code: 'not_decodable', measured: expect.stringContaining('pixel limit') }],
    });
  });
});

describe.skipIf(ffmpeg === null)('with ffmpeg', slow, () => {
  function generate(name: string, args: string[]): Buffer {
    const path = join(folder, `${made++}-${name}`);
    const { status, stderr } = spawnSync('ffmpeg', ['-loglevel', 'error', ...args, path], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return readFileSync(path);
  }
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=24:duration=2'];
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'];

  test('makes all previews of a movie with two mono tracks', slow, async () => {
    const tracks = ['-map', '0:v', '-map', '1:a', '-map', '1:a', '-c:a', 'pcm_s16le', '-c:v', 'mjpeg'];
    const movie = generate('feature.mov', [...picture, ...tone, ...tracks]);
    const { outcome, folder: previews } = await previewOf('feature.mov', movie, ffmpeg);
    expect(outcome).toMatchObject({
      kind: 'done',
      previews: ['poster', 'thumbnail', 'proxy', 'strip', 'peaks'],
      problems: [],
    });
    expect(readdirSync(previews).sort()).toEqual(['peaks', 'poster', 'proxy', 'strip', 'thumbnail']);
    const asked = [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name,width,height,nb_frames,channels',
      '-of',
      'csv=p=0',
    ];
    const { stdout } = spawnSync('ffprobe', [...asked, join(previews, 'proxy')], { encoding: 'utf8' });
    expect(stdout).toMatch(/^h264,960,540,48/);
    expect(stdout).toMatch(/aac,2/);
    expect(await sharp(join(previews, 'strip')).metadata()).toMatchObject({ width: 1600, height: 900 });
  });

  test('makes stereo sound of a WAVE file, whose waveform keeps its channels', slow, async () => {
    const { outcome, folder: previews } = await previewOf('mix.wav', wave(6), ffmpeg);
    expect(outcome).toMatchObject({ kind: 'done', previews: ['peaks', 'sound'] });
    expect(readFileSync(join(previews, 'peaks')).readUInt32LE(4)).toBe(6);
  });

  test('makes sound and waveform of other formats', slow, async () => {
    const { outcome } = await previewOf('mix.flac', generate('mix.flac', tone), ffmpeg);
    expect(outcome).toMatchObject({ kind: 'done', previews: ['sound', 'peaks'] });
  });

  test('keeps no film or sound that was cut at the maximum size, and says why', slow, async () => {
    const movie = generate('feature.mov', [...picture, ...tone, '-c:a', 'pcm_s16le', '-c:v', 'mjpeg']);
    const cut = await previewOf('feature.mov', movie, ffmpeg, 40_000);
    expect(statSync(join(cut.folder, 'proxy')).size).toBeGreaterThan(40_000);
    expect(cut.outcome).toMatchObject({
      kind: 'done',
      previews: ['poster', 'thumbnail', 'strip'],
      facts: { missing: 'no_space' },
      problems: [],
    });
    expect((await previewOf('mix.wav', wave(2), ffmpeg, 2000)).outcome).toMatchObject({
      previews: ['peaks'],
      facts: { missing: 'no_space' },
    });
  });

  test('shows an EXR', slow, async () => {
    const exr = generate('still.exr', [...picture, '-frames:v', '1', '-pix_fmt', 'gbrpf32le']);
    const { outcome } = await previewOf('still.exr', exr, ffmpeg);
    expect(outcome).toMatchObject({ kind: 'done', previews: ['poster', 'thumbnail'] });
  });

  test('reports a movie without an index as a problem, in one line without a path', slow, async () => {
    const { outcome } = await previewOf('feature.mov', movieStart(), ffmpeg);
    expect(outcome).toMatchObject({ kind: 'done', previews: [], problems: [{ code: 'not_decodable' }] });
    expect(JSON.stringify(outcome)).not.toContain(folder);
  });

  test.each([
    ['HLS', 'feature.ts', `#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n`],
    ['concat', 'feature.mov', `ffconcat version 1.0\nfile /etc/passwd\n`],
    ['an address', 'feature.mp4', 'http://127.0.0.1:1/film.mp4'],
  ])('never opens a file or address that a file names: %s', async (_, name, content) => {
    expect((await previewOf(name, content, ffmpeg)).outcome).toEqual({
      kind: 'skipped',
      reason: 'no_preview',
    });
  });

  test('a damaged movie never ends the stage with an error', slow, async () => {
    const movie = generate('feature.mov', [...picture, ...tone, '-c:a', 'pcm_s16le', '-c:v', 'mjpeg']);
    for (const at of [40, movie.length - 900]) {
      const damaged = Buffer.from(movie);
      damaged.fill(0xff, at, at + 60);
      expect((await previewOf('feature.mov', damaged, ffmpeg)).outcome.kind).toMatch(/done|skipped/);
      expect((await previewOf('feature.mov', movie.subarray(0, at), ffmpeg)).outcome.kind).toMatch(
        /done|skipped/,
      );
    }
  });

  test('cancelling kills ffmpeg', slow, async () => {
    const input = inputFor('feature.mov', generate('feature.mov', [...picture, '-c:v', 'mjpeg']));
    const cancel = new AbortController();
    const io = { signal: cancel.signal, progress() {} };
    const running = makePreviews(input, io, ffmpeg);
    setTimeout(() => cancel.abort(new Error('Cancelled.')), 100);
    await expect(running).rejects.toThrow('Cancelled.');
    const { stdout } = spawnSync('pgrep', ['-f', input.path], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});

describe('with an ffmpeg that makes the stills, and then', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  async function previewWith(then: string) {
    const bin = join(folder, String(made++));
    mkdirSync(bin);
    const last = `for each; do case "$each" in file:*/previews/poster | file:*/previews/thumbnail) isStill=1; echo x > "\${each#file:}";; esac; done`;
    writeFileSync(join(bin, 'ffmpeg'), `#!/bin/sh\n${last}\n[ "$isStill" ] && exit 0\n${then}\n`, {
      mode: 0o755,
    });
    process.env.PATH = `${bin}:${path}`;
    return (await previewOf('feature.mov', movieStart(), { version: '1' })).outcome;
  }

  test('fills the disk, keeps the stills and says why there is no more', async () => {
    expect(await previewWith('echo "x: No space left on device" >&2; exit 1')).toMatchObject({
      kind: 'done',
      previews: ['poster', 'thumbnail'],
      facts: { missing: 'no_space' },
      problems: [],
    });
  });

  test('is killed, is tried again', async () => {
    await expect(previewWith('kill -9 $$')).rejects.toThrow('SIGKILL');
  });

  test('does not know the codec, has a problem in its words', async () => {
    expect(await previewWith('echo "Unknown codec" >&2; exit 1')).toMatchObject({
      previews: ['poster', 'thumbnail'],
      problems: [{ code: 'not_decodable', measured: 'Unknown codec' }],
    });
  });
});

test('does not draw the waveform of sound that was cut at the maximum size', async () => {
  const path = process.env.PATH;
  const bin = join(folder, String(made++));
  mkdirSync(bin);
  const write = `case "$each" in */waveform.wav) head -c 2000 /dev/zero > "$each";; file:*/previews/sound) echo x > "\${each#file:}";; esac`;
  writeFileSync(join(bin, 'ffmpeg'), `#!/bin/sh\nfor each; do ${write}; done\n`, { mode: 0o755 });
  process.env.PATH = `${bin}:${path}`;
  try {
    const { outcome, folder: previews } = await previewOf(
      'mix.flac',
      Buffer.from('fLaC\0\0\0\x22'),
      { version: '1' },
      2000,
    );
    expect(outcome).toMatchObject({ kind: 'done', previews: ['sound'], facts: { missing: 'no_space' } });
    expect(readdirSync(previews)).toEqual(['sound']);
  } finally {
    process.env.PATH = path;
  }
});

/** The beginning of a QuickTime movie whose index was never written. */
function movieStart(): Buffer {
  return Buffer.concat([
    Buffer.from('00000014667479707174202000000000', 'hex'),
    Buffer.from('qt  '),
    Buffer.alloc(4096, 1),
  ]);
}
