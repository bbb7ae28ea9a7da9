import { expect, test } from 'vitest';
import { mediaKinds } from './media-kinds.ts';
import { pipelines } from './pipelines.ts';
import { stageNames } from './stages.ts';

test.each(stageNames)('%s is in at least one pipeline', (name) => {
  const steps = mediaKinds.flatMap((kind) => pipelines[kind]);
  expect(steps.map(({ stage }) => stage)).toContain(name);
});

test.each(mediaKinds)('%s: real checks come first, and no stage comes twice', (kind) => {
  const steps = pipelines[kind];
  expect(steps[0]).toEqual({ stage: 'checksum', mode: 'real' });
  expect(new Set(steps.map(({ stage }) => stage)).size).toBe(steps.length);
});

test('encoding is marked as simulated, and checksum lists are not encoded', () => {
  const encodes = mediaKinds.flatMap((kind) => pipelines[kind].filter(({ stage }) => stage === 'encode'));
  expect(new Set(encodes.map(({ mode }) => mode))).toEqual(new Set(['simulated']));
  expect(pipelines.manifest).toHaveLength(1);
});
