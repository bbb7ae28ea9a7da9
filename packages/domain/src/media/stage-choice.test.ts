import { expect, test } from 'vitest';
import { requestRulesSchema } from '../rules/request-types.ts';
import { informingStages, isAsked, leftOutStages, roundStagesOf } from './stage-choice.ts';
import { stageNames } from './stages.ts';

const outside = ['x-studio.loudness', 'x-studio.virus'];

test('everything runs that no type leaves out', () => {
  const { leftOutStages: leftOut } = requestRulesSchema.parse({});
  expect(roundStagesOf(outside, { asksOfMedia: true, leftOut, informing: [] })).toEqual({
    asked: [...stageNames, ...outside],
    leftOut: [],
    informing: [],
  });
});

test('a type leaves out stages of Turnover and from outside', () => {
  const leftOut = ['encode', 'x-studio.loudness', 'x-elsewhere.check'];
  const { asked, leftOut: named } = roundStagesOf(outside, { asksOfMedia: true, leftOut, informing: [] });
  expect(asked).not.toContain('encode');
  expect(asked).toContain('x-studio.virus');
  // The hub does not have this stage, so leaving it out removes no other stage.
  expect(named).toEqual(['encode', 'x-studio.loudness']);
});

test('a type lets stages only inform, as far as they run', () => {
  const choice = {
    asksOfMedia: true,
    leftOut: ['preview'],
    informing: ['encode', 'preview', 'x-gone.check'],
  };
  expect(roundStagesOf(outside, choice).informing).toEqual(['encode']);
});

test('a checksum that differs always holds its file', () => {
  expect(informingStages.safeParse(['checksum']).success).toBe(false);
});

test('the rules of the type run only where it asks something of the media', () => {
  const { asked, leftOut } = roundStagesOf([], { asksOfMedia: false, leftOut: [], informing: [] });
  expect(asked).not.toContain('rules');
  expect(leftOut).toEqual([]);
});

test('a stage does not run without the one whose findings it looks at', () => {
  expect(isAsked('rules', ['inspect'])).toBe(false);
  const { asked, leftOut } = roundStagesOf([], { asksOfMedia: true, leftOut: ['inspect'], informing: [] });
  expect(asked).not.toContain('rules');
  expect(leftOut).toEqual(['inspect', 'rules']);
});

test.each([['checksum'], ['no_stage'], ['X-Studio.Loudness'], ['toString']])(
  'refuses to leave out %s',
  (stage) => {
    expect(leftOutStages.safeParse([stage]).success).toBe(false);
  },
);

test('the same choice is the same rules, in any order', () => {
  expect(leftOutStages.parse(['preview', 'encode', 'preview'])).toEqual(['encode', 'preview']);
});
