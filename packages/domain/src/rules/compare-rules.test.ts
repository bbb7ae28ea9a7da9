import { expect, test } from 'vitest';
import { compareRules } from './compare-rules.ts';
import { noRules, type RequestRules } from './request-types.ts';

const rules = (facts: Partial<RequestRules>): RequestRules => ({ ...noRules, ...facts });

test('equal rules have the same lines, in whatever order they were written', () => {
  const [one, other] = [rules({ extensions: ['wav', 'mov'] }), rules({ extensions: ['mov', 'wav'] })];
  expect(compareRules(one, other).map(({ text, change }) => [text, change])).toEqual([
    ['mov', 'same'],
    ['wav', 'same'],
  ]);
});

test('each value, name, number and switch is a line of its own', () => {
  const from = rules({
    media: { ...noRules.media, codecs: ['ProRes 422', 'DNxHD'] },
    expected: { kind: 'count', min: 2, max: null },
    strictNames: true,
  });
  const to = rules({
    media: { ...noRules.media, codecs: ['ProRes 422 HQ', 'DNxHD'] },
    expected: {
      kind: 'list',
      files: [
        { name: 'L.wav', optional: false },
        { name: 'LFE.wav', optional: true },
      ],
    },
    demandsManifest: true,
  });
  expect(compareRules(from, to)).toEqual([
    { field: 'expected', text: '2–', change: 'removed' },
    { field: 'expected', text: 'L.wav', change: 'added' },
    { field: 'expected', text: '? LFE.wav', change: 'added' },
    { field: 'codecs', text: 'ProRes 422', change: 'removed' },
    { field: 'codecs', text: 'DNxHD', change: 'same' },
    { field: 'codecs', text: 'ProRes 422 HQ', change: 'added' },
    { field: 'strictNames', text: '', change: 'removed' },
    { field: 'demandsManifest', text: '', change: 'added' },
  ]);
});
