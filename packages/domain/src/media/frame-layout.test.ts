import { expect, test } from 'vitest';
import { frameLayout } from './frame-layout.ts';
import { mediaReport, type MediaReport } from './media-report.ts';

const report = (picture: object, more: Partial<MediaReport> = {}) =>
  mediaReport.parse({
    reader: 'turnover',
    container: 'DPX',
    tracks: [{ kind: 'picture', width: 2048, height: 1152, bitDepth: 10, chroma: 'RGB', ...picture }],
    ...more,
  });

test('names format, size, depth and channels', () => {
  expect(frameLayout(report({}))).toBe('DPX, 2048×1152, 10 bit, RGB');
  const exr = report(
    { bitDepth: 16, isFloat: true },
    { container: 'OpenEXR', details: { channels: 'A B G R Z' } },
  );
  expect(frameLayout(exr)).toBe('OpenEXR, 2048×1152, 16 bit float, A B G R Z');
  expect(frameLayout(report({ pixelAspect: 2 }))).toBe('DPX, 2048×1152, 10 bit, RGB, 2:1');
});

test('what may differ from frame to frame makes no difference', () => {
  const one = report({ dataWindow: '0,0 100×100', compression: 'ZIP', pixelAspect: 1 });
  expect(frameLayout(one)).toBe(frameLayout(report({})));
});

test('a file without a picture has no layout', () => {
  expect(frameLayout({ ...report({}), tracks: [] })).toBeNull();
  expect(frameLayout(report({ width: undefined }))).toBeNull();
});
