import { expect, test } from 'vitest';
import { mediaKind, mediaKinds, type MediaKind } from './media-kinds.ts';
import { pipelines, stepsFor, type PipelineStep } from './pipelines.ts';
import { stageNames } from './stages.ts';

const asked = stageNames;

/** At least one name of each kind, and more where a pipeline depends on the name. */
const names: Record<MediaKind, readonly string[]> = {
  picture: ['feature.mov'],
  locked_cut: ['feature_locked.mov'],
  frame: ['shot.1001.exr', 'key-art.tif'],
  audio: ['mix.wav', 'mix.L.wav'],
  timed_text: ['feature.en.srt', 'ASSETMAP.xml'],
  image: ['poster.jpg'],
  manifest: ['delivery.md5'],
  document: ['report.pdf', 'notes.txt'],
  other: ['session.bin', 'ASSETMAP'],
};
const files = mediaKinds.flatMap((kind) => names[kind].map((name) => [name, kind] as const));

test.each(files)('%s is an example of %s', (name, kind) => {
  expect(mediaKind(name)).toBe(kind);
});

test.each(stageNames)('%s is in at least one pipeline', (stage) => {
  const steps = files.flatMap(([name, kind]) => stepsFor(kind, name, { asked }));
  expect(steps.map((step) => step.stage)).toContain(stage);
});

test.each(files)('%s: real checks come first, and no stage comes twice', (name, kind) => {
  const steps = stepsFor(kind, name, { asked });
  expect(steps[0]).toEqual({ stage: 'checksum', mode: 'real' });
  expect(new Set(steps.map(({ stage }) => stage)).size).toBe(steps.length);
});

test('encoding is marked as simulated, and checksum lists are not encoded', () => {
  const steps = files.flatMap(([name, kind]) => stepsFor(kind, name, { asked }));
  const encodes = steps.filter(({ stage }) => stage === 'encode');
  expect(new Set(encodes.map(({ mode }) => mode))).toEqual(new Set(['simulated']));
  expect(stepsFor('manifest', 'delivery.md5', { asked })).toHaveLength(1);
});

test('a pipeline may depend on the name', () => {
  const checked: PipelineStep[] = [{ stage: 'checksum', mode: 'real' }];
  const document = (name: string): PipelineStep[] =>
    name.endsWith('.pdf') ? [...checked, { stage: 'encode', mode: 'simulated' }] : checked;
  const table = { ...pipelines, document };
  expect(stepsFor('document', 'report.pdf', { asked, table })).toHaveLength(2);
  expect(stepsFor('document', 'notes.txt', { asked, table })).toHaveLength(1);
});

test('only what is asked for runs', () => {
  const steps = stepsFor('audio', 'mix.wav', { asked: ['checksum', 'signal', 'x-studio.loudness'] });
  expect(steps.map(({ stage }) => stage)).toEqual(['checksum', 'signal']);
});
