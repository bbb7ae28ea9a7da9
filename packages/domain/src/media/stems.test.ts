import { expect, test } from 'vitest';
import { channelSetOf, isStemName } from './stems.ts';

const six = ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'].map((channel) => `reel 1/mix_v04.${channel}.wav`);

test.each([
  ['mix.L.wav', true],
  ['LH_Body_MASTER_48k_24b_6ch_LFE_v04.wav', true],
  ['mix.ls.wav', true],
  ['mix.wav', false],
  ['dialogue.wav', false],
  ['cue_B.wav', false],
  ['ls.wav', false],
])('%s names a channel: %s', (name, is) => {
  expect(isStemName(name)).toBe(is);
});

test('a complete set lacks nothing, and its first channel reports for the set', () => {
  expect(channelSetOf(six[0]!, six)).toMatchObject({ isFirst: true });
  expect(channelSetOf(six[1]!, six)).toMatchObject({ isFirst: false });
  const { present, wanted } = channelSetOf(six[0]!, six)!;
  expect(present).toEqual([...wanted]);
});

test('a surround channel asks for all six, left and right only for each other', () => {
  expect(channelSetOf(six[1]!, six.slice(1, 3))).toMatchObject({
    present: ['R', 'C'],
    wanted: ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'],
    isFirst: true,
  });
  expect(channelSetOf('a.L.wav', ['a.L.wav', 'a.R.wav'])).toMatchObject({ wanted: ['L', 'R'] });
});

test('a number of channels in the name counts, also for a file alone', () => {
  expect(channelSetOf('x_6ch_48k.L.wav', ['x_6ch_48k.L.wav'])).toMatchObject({ present: ['L'] });
  expect(channelSetOf('x_2ch_48k.R.wav', [])).toMatchObject({ present: ['R'], wanted: ['L', 'R'] });
});

test('other folders, versions and names are other sets; letters that number cues are no channel', () => {
  const others = ['reel 2/mix_v04.R.wav', 'reel 1/mix_v05.R.wav', 'reel 1/mix_v04.R.aif'];
  expect(channelSetOf(six[0]!, others)).toBeNull();
  expect(channelSetOf('cue_C.wav', ['cue_A.wav', 'cue_B.wav', 'cue_C.wav', 'cue_L.wav'])).toBeNull();
});
