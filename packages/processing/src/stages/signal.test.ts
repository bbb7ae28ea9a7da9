import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import { noLimits, type SignalLimits } from '@turnover/domain/media/signal-limits';
import { stageOutcome, type StageInput } from '@turnover/domain/media/stages';
import { findFfmpeg, type Ffmpeg } from '../preview/ffmpeg.ts';
import { quickTime } from '../inspect/testing/movies.ts';
import { inspect } from './inspect.ts';
import { measure } from './signal.ts';

const ffmpeg = findFfmpeg();
const slow = { timeout: 60_000 };
let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-signal-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function make(name: string, ...args: string[]): string {
  const path = join(folder, `${made++}-${name}`);
  const done = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', ...args, path], { encoding: 'utf8' });
  expect(done.stderr).toBe('');
  return path;
}

async function measured(
  path: string,
  program: Ffmpeg | null,
  { signal = new AbortController().signal, ...limits }: Partial<SignalLimits> & { signal?: AbortSignal } = {},
) {
  const shares: number[] = [];
  const io = { signal, progress: (share: number) => shares.push(share) };
  const input = inputOf(path, limits);
  const inspected = stageOutcome.parse(await inspect(input, io));
  const report = (inspected.kind === 'done' && inspected.report) || null;
  const outcome = stageOutcome.parse(await measure({ ...input, report }, io, program));
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  return outcome;
}

function inputOf(path: string, limits: Partial<SignalLimits> = {}): StageInput {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    path,
    name,
    sizeBytes: statSync(path).size,
    mediaKind: mediaKind(name),
    checksums: [],
    report: null,
    siblings: [],
    layouts: [],
    wanted: null,
    limits: { ...noLimits, ...limits },
    previews: null,
    seed: 'asset',
    simulationSpeed: 1,
    lanes: { heavy: [0], light: [0] },
    now: 0,
  };
}

const found = (outcome: Awaited<ReturnType<typeof measured>>) =>
  outcome.kind === 'done'
    ? outcome.problems.map(({ code, fromMs, toMs, measured: value, track }) =>
        [code, fromMs, toMs, value, track].filter((each) => each !== undefined).join(' '),
      )
    : outcome;

const smallFilm = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25'];
const tone = (more = '') => ['-f', 'lavfi', '-i', `sine=f=997:r=48000${more}`];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** The smallest MP4 that inspection takes for a movie would need an encoder, so this one is of sound in another format. */
function aiff(): string {
  const path = join(folder, `${made++}-tone.aiff`);
  const frames = 4800;
  const common = Buffer.from('COMM\0\0\0\x12\0\x01\0\0\x12\xc0\0\x10\x40\x0e\xbb\x80\0\0\0\0\0\0', 'latin1');
  const data = Buffer.alloc(16 + frames * 2);
  data.write('SSND', 0);
  data.writeUInt32BE(8 + frames * 2, 4);
  const head = Buffer.from('FORM\0\0\0\0AIFF', 'latin1');
  head.writeUInt32BE(4 + common.length + data.length, 4);
  writeFileSync(path, Buffer.concat([head, common, data]));
  return path;
}

test('without ffmpeg, says that sound of another format is not measured', async () => {
  expect(await measured(aiff(), null)).toEqual({ kind: 'skipped', reason: 'measuring_needs_ffmpeg' });
});

test('says that a movie without picture and sound is not measured', async () => {
  const path = join(folder, 'subtitles.mov');
  writeFileSync(path, quickTime());
  const report = { reader: 'test', container: 'MXF', tracks: [{ kind: 'text' as const }], details: {} };
  const io = { signal: new AbortController().signal, progress: () => undefined };
  const input = { ...inputOf(path), report };
  expect(await measure(input, io, { version: '5' })).toEqual({ kind: 'skipped', reason: 'not_measured' });
});

test('says that a text is not measured, with ffmpeg and without', async () => {
  const path = join(folder, 'notes.mov');
  writeFileSync(path, 'ffconcat version 1.0\nfile /etc/passwd\n');
  for (const program of [null, { version: '5' }]) {
    expect(await measured(path, program)).toEqual({ kind: 'skipped', reason: 'not_measured' });
  }
});

describe('with an ffmpeg that', () => {
  const path = process.env.PATH;
  afterEach(() => {
    process.env.PATH = path;
  });

  function measuredWith(script: string, limits: Partial<SignalLimits> = {}) {
    const bin = mkdtempSync(join(folder, 'bin-'));
    writeFileSync(join(bin, 'ffmpeg'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${bin}:${path}`;
    return measured(aiff(), { version: '1' }, limits);
  }

  test('allows ffmpeg one demuxer for the file, and no other file or address', async () => {
    const wanted = '*"-protocol_whitelist file -format_whitelist aiff "*" -f aiff -i file:"*" -f null -"';
    const heard = "echo '[silencedetect @ 0x1] silence_start: 0' >&2";
    const outcome = await measuredWith(`case "$*" in ${wanted}) ${heard};; *) exit 1;; esac`);
    expect(outcome.kind).toBe('done');
  });

  test('may not write files', async () => {
    const written = join(folder, 'written');
    await expect(measuredWith(`echo x > ${written}`)).resolves.toMatchObject({ kind: 'skipped' });
  });

  test('finds something, returns the measurements', async () => {
    const summary = [
      '[ebur128@s0 @ 0x2] Summary:',
      '    I:   -23.0 LUFS',
      '  Sample peak:',
      '    Peak: -6.0 dBFS',
    ];
    const lines = [
      ...summary,
      '[silencedetect @ 0x1] silence_start: 0',
      '[silencedetect @ 0x1] silence_end: 0.05',
    ];
    const outcome = await measuredWith(lines.map((line) => `echo '${line}' >&2`).join('\n'));
    expect(outcome).toMatchObject({ facts: { integratedLufs: -23, samplePeakDbfs: -6, ffmpeg: '1' } });
    expect(found(outcome)).toEqual(['silence 0 50 0.1 s 0']);
  });

  test('finds black, reports what lasts too long, and none of it as a still picture', async () => {
    const lines = [
      '[blackdetect @ 0x1] black_start:0 black_end:1.5 black_duration:1.5',
      '[blackdetect @ 0x1] black_start:2 black_end:6 black_duration:4',
      '[freezedetect @ 0x2] lavfi.freezedetect.freeze_start: 0.1',
      '[freezedetect @ 0x2] lavfi.freezedetect.freeze_end: 1.5',
      '[freezedetect @ 0x2] lavfi.freezedetect.freeze_start: 7',
      '[freezedetect @ 0x2] lavfi.freezedetect.freeze_end: 9',
    ];
    const limits = { blackSeconds: 2, freezeSeconds: 1 };
    const outcome = await measuredWith(lines.map((line) => `echo '${line}' >&2`).join('\n'), limits);
    expect(found(outcome)).toEqual(['black 2000 6000 4.0 s', 'freeze 7000 9000 2.0 s']);
  });

  test('hears a soundtrack that is too quiet, names it', async () => {
    const summary = [
      '[ebur128@s0 @ 0x2] Summary:',
      '    I:   -30.0 LUFS',
      '  Sample peak:',
      '    Peak: -6.0 dBFS',
    ];
    const outcome = await measuredWith(summary.map((line) => `echo '${line}' >&2`).join('\n'), {
      minLoudnessLufs: -24,
    });
    expect(found(outcome)).toEqual(['loudness_unwanted -30.0 LUFS 0']);
  });

  test('fails, returns no measurements', async () => {
    const skipped = (reason: string) => ({ kind: 'skipped', reason });
    expect(await measuredWith('echo "Invalid data" >&2; exit 1')).toEqual(skipped('not_decoded'));
    expect(await measuredWith('echo "Cannot allocate memory" >&2; exit 1')).toEqual(skipped('no_memory'));
  });

  test('is killed, is retried', async () => {
    await expect(measuredWith('kill -9 $$')).rejects.toThrow('SIGKILL');
  });
});

test.runIf(process.env.TURNOVER_TEST_NEEDS_FFMPEG === '1')('there is an ffmpeg for these tests', () => {
  expect(ffmpeg).not.toBeNull();
});

describe.skipIf(!ffmpeg)('with ffmpeg', () => {
  test('finds black and freezes with their times', slow, async () => {
    const graph =
      "[0:v]trim=0:12,loop=loop=100:size=1:start=150,setpts=N/25/TB,drawbox=c=black:t=fill:enable='lt(t,3)'[v]";
    const path = make('qc.mp4', ...smallFilm, '-filter_complex', graph, '-map', '[v]', ...h264, '-t', '14');
    expect(found(await measured(path, ffmpeg))).toEqual([
      'black 0 3000 3.0 s',
      expect.stringMatching(/^freeze (59|6[0-2])\d\d 10\d\d\d [34]\.\d s$/),
    ]);
  });

  test('finds nothing in a film without faults, and measures its sound', slow, async () => {
    const path = make('fine.mov', ...smallFilm, ...tone(), ...h264, '-c:a', 'pcm_s16le', '-t', '4');
    const outcome = await measured(path, ffmpeg);
    expect(found(outcome)).toEqual([]);
    expect(outcome).toMatchObject({
      facts: {
        ffmpeg: ffmpeg!.version,
        integratedLufs: expect.closeTo(-21.1, 0),
        samplePeakDbfs: expect.closeTo(-18, 0),
      },
    });
  });

  test('judges by the limits of the type', slow, async () => {
    const graph = "drawbox=c=black:t=fill:enable='between(t,1,1.9)'";
    const sound = ['-af', "volume=0:enable='between(t,2,3)'", '-c:a', 'pcm_s16le', '-t', '4'];
    const path = make('limits.mov', ...smallFilm, ...tone(), '-vf', graph, ...h264, ...sound);
    expect(found(await measured(path, ffmpeg))).toEqual([]);
    const limits = { blackSeconds: 0.5, silenceSeconds: 0.5, truePeakDbtp: -30, maxLoudnessLufs: -30 };
    expect(found(await measured(path, ffmpeg, limits))).toEqual([
      expect.stringMatching(/^black 1000 \d+ 0\.\d s$/),
      expect.stringMatching(/^loudness_unwanted -2\d\.\d LUFS 1$/),
      expect.stringMatching(/^true_peak_high -1\d\.\d dBTP 1$/),
      expect.stringMatching(/^silence (19|20)\d\d [23]\d\d\d 1\.0 s 1$/),
    ]);
  });

  test('does not report black that the type tolerates as a still picture', slow, async () => {
    const graph = "drawbox=c=black:t=fill:enable='between(t,1,4)'";
    const path = make('tolerated.mov', ...smallFilm, '-vf', graph, ...h264, '-t', '6');
    expect(found(await measured(path, ffmpeg, { blackSeconds: 10, freezeSeconds: 1 }))).toEqual([]);
    expect(found(await measured(path, ffmpeg, { blackSeconds: 2, freezeSeconds: 10 }))).toHaveLength(1);
  });

  test('judges the loudness of each soundtrack', slow, async () => {
    const quiet = ['-filter:a:1', 'volume=-20dB', '-ac', '2', '-c:a', 'pcm_s16le', '-t', '4'];
    const tracks = ['-map', '0:v', '-map', '1:a', '-map', '1:a'];
    const path = make('loudness.mov', ...smallFilm, ...tone(), ...tracks, ...h264, ...quiet);
    const loudness = found(await measured(path, ffmpeg, { minLoudnessLufs: -30 }));
    expect(loudness).toContainEqual(expect.stringMatching(/^loudness_unwanted -(3|4)\d\.\d LUFS 2$/));
    expect(loudness).not.toContainEqual(expect.stringMatching(/^loudness_unwanted .* 1$/));
  });

  test('finds clipping with its channel and times, at the start and the end too', slow, async () => {
    const loud = "volume=30dB:enable='between(t,0,1)+between(t,4,6)',aformat=sample_fmts=s16";
    const path = make('clipped.flac', ...tone(), '-af', `${loud},pan=stereo|c0=0.2*c0|c1=c0`, '-t', '6');
    const clips = found(await measured(path, ffmpeg));
    expect(clips).toEqual([
      expect.stringMatching(/^true_peak_high/),
      expect.stringMatching(/^clipping \d 10\d\d 2 0$/),
      expect.stringMatching(/^clipping (39|40)\d\d (59|60)\d\d 2 0$/),
    ]);
    const wave = make('clipped.wav', '-i', path);
    expect(found(await measured(wave, null))).toContainEqual(expect.stringMatching(/^clipping \d 2$/));
    const fine = make('full.flac', ...tone(), '-af', 'volume=18dB', '-t', '2');
    expect(found(await measured(fine, ffmpeg))).not.toContainEqual(expect.stringMatching(/^clipping/));
  });

  // The last channel is the loudest. It is a surround in most layouts, and surrounds have another weight.
  test.each([
    ['stereo', 2],
    ['quad', 4],
    ['5.0', 5],
    ['5.1', 6],
    ['6.1', 7],
    ['7.1', 8],
  ])('agrees with our own meters to a tenth: %s', slow, async (layout, channels) => {
    const gain = (channel: number) => (channel === channels - 1 ? 0.5 : 0.05);
    const gains = Array.from({ length: channels }, (_, at) => `c${at}=${gain(at)}*c0`);
    const sound = ['-af', `pan=${[layout, ...gains].join('|')}`, '-t', '3'];
    const [wave, flac] = ['a.wav', 'a.flac'].map((name) => make(name, ...tone(), ...sound));
    const [own, theirs] = [await measured(wave!, null), await measured(flac!, ffmpeg)];
    const loudness = (outcome: typeof own) => outcome.kind === 'done' && Number(outcome.facts.integratedLufs);
    expect(Math.abs(Number(loudness(own)) - Number(loudness(theirs)))).toBeLessThanOrEqual(0.1);
  });

  test(
    'finds silence, silent files and channels, dual mono and inverted phase in other formats',
    slow,
    async () => {
      const quiet = make(
        'quiet.flac',
        ...tone(),
        '-af',
        "volume=0:enable='between(t,2,9)'",
        '-ac',
        '2',
        '-t',
        '12',
      );
      expect(found(await measured(quiet, ffmpeg))).toEqual([
        'dual_mono 0',
        expect.stringMatching(/^silence (19|20)\d\d 9\d\d\d 7\.0 s 0$/),
      ]);
      const nothing = make('none.flac', '-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo', '-t', '3');
      expect(found(await measured(nothing, ffmpeg))).toEqual(['silent_file 0']);
      const left = make('left.flac', ...tone(), '-af', 'pan=stereo|c0=c0|c1=0*c0', '-t', '3');
      expect(found(await measured(left, ffmpeg))).toEqual(['channel_silent 2 0']);
      const turned = make('turned.flac', ...tone(), '-af', 'pan=stereo|c0=c0|c1=-1*c0', '-t', '4');
      expect(found(await measured(turned, ffmpeg))).toEqual([
        expect.stringMatching(/^phase_inverted \d+ % 0$/),
      ]);
    },
  );

  test('measures each track, and tracks of one channel as one sound', slow, async () => {
    const tracks = ['-map', '0:v', '-map', '1:a', '-map', '2:a'];
    const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo'];
    const pcm = ['-c:a', 'pcm_s16le', '-t', '3'];
    const path = make('two.mov', ...smallFilm, ...tone(), ...silence, ...tracks, '-ac', '2', ...h264, ...pcm);
    expect(found(await measured(path, ffmpeg))).toEqual(['silent_file 2', 'dual_mono 1']);
    const mono = make('mono.mov', ...smallFilm, ...tone(), ...tone(), ...tracks, ...h264, ...pcm);
    expect(found(await measured(mono, ffmpeg))).toEqual(['dual_mono 1']);
  });

  test(
    'measures the stereo tracks after 5.1, and states how many of the tracks were measured',
    slow,
    async () => {
      const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono'];
      const film = (tones: number, silent: number) =>
        make(
          'tracks.mov',
          ...smallFilm,
          ...tone(),
          ...silence,
          '-map',
          '0:v',
          ...[
            ...Array.from({ length: tones }, () => ['-map', '1:a']),
            ...Array.from({ length: silent }, () => ['-map', '2:a']),
          ].flat(),
          ...h264,
          '-c:a',
          'pcm_s16le',
          '-t',
          '3',
        );
      const eight = await measured(film(6, 2), ffmpeg);
      expect(found(eight)).toEqual(['silent_file 7']);
      expect(eight).toMatchObject({ facts: { soundTracks: 8, soundTracksMeasured: 8 } });
      expect(await measured(film(10, 0), ffmpeg)).toMatchObject({
        facts: { soundTracks: 10, soundTracksMeasured: 8 },
      });
    },
  );

  test('says that a film is not measured when ffmpeg cannot read it', slow, async () => {
    const broken = join(folder, 'broken.flac');
    writeFileSync(
      broken,
      `fLaC\0\0\0\x22${'\x10\0\x10\0\0\0\0\0\0\0\x0b\xb8\x02\xf0\0\0\0\0'.padEnd(34, '\0')}`,
      'latin1',
    );
    expect((await measured(broken, ffmpeg)).kind).not.toBe('failed');
  });

  test('stops at once when it is cancelled', slow, async () => {
    const path = make('long.mp4', ...smallFilm, ...h264, '-t', '20');
    const controller = new AbortController();
    const running = measured(path, ffmpeg, { signal: controller.signal });
    controller.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
  });
});
