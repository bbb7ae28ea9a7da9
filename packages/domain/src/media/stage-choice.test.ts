import { expect, test } from 'vitest';
import { requestRulesSchema } from '../rules/request-types.ts';
import { isAsked, leftOutStages, roundStagesOf } from './stage-choice.ts';
import { stageNames } from './stages.ts';

const outside = ['x-studio.loudness', 'x-studio.virus'];

test('everything runs that no type leaves out', () => {
  const { leftOutStages: leftOut } = requestRulesSchema.parse({});
  expect(roundStagesOf(outside, { asksOfMedia: true, leftOut })).toEqual({
    asked: [...stageNames, ...outside],
    leftOut: [],
  });
});

test('a type leaves out stages of Turnover and from outside', () => {
  const leftOut = ['encode', 'x-studio.loudness', 'x-elsewhere.check'];
  const { asked, leftOut: named } = roundStagesOf(outside, { asksOfMedia: true, leftOut });
  expect(asked).not.toContain('encode');
  expect(asked).toContain('x-studio.virus');
  // The hub has no such stage, so the type takes nothing away with it.
  expect(named).toEqual(['encode', 'x-studio.loudness']);
});

test('the rules of the type run only where it asks something of the media', () => {
  const { asked, leftOut } = roundStagesOf([], { asksOfMedia: false, leftOut: [] });
  expect(asked).not.toContain('rules');
  expect(leftOut).toEqual([]);
});

test('a stage does not run without the one whose findings it looks at', () => {
  expect(isAsked('rules', ['inspect'])).toBe(false);
  const { asked, leftOut } = roundStagesOf([], { asksOfMedia: true, leftOut: ['inspect'] });
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
