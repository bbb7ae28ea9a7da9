import { describe, expect, test } from 'vitest';
import { noLimits } from '../../media/signal-limits.ts';
import { noRules, requestRulesSchema, type RequestRules } from '../request-types.ts';
import { starterTypes } from '../starter-types.ts';
import { readSpecification } from './read-specification.ts';
import type { SpecifiedType } from './specification.ts';
import { writeUmdp } from './umdp.ts';

function typesIn(text: string): SpecifiedType[] {
  const read = readSpecification(text);
  if ('problem' in read) throw new Error(`${read.problem} ${read.at}`);
  for (const { rules } of read.types) expect(requestRulesSchema.parse(rules)).toEqual(rules);
  return read.types;
}

const profile = (assets: object, more: object = {}) =>
  JSON.stringify({ id: 'house_hd', name: 'House HD', delivery_paradigm: 'file', assets, ...more });
const umdp = (assets: object, more?: object) => typesIn(profile(assets, more))[0]!;

describe('a UMDP profile', () => {
  test('yields the rules that the hub checks, and lists the rest for people', () => {
    const { name, source, rules, forPeople } = umdp(
      {
        video: {
          codec: { allowed: ['prores_422_hq', 'dnxhd'] },
          container: { allowed: ['mxf', 'mov'] },
          resolution: { allowed: ['1920x1080'] },
          frame_rate: { allowed: ['25', 29.97], tolerance: 0.01 },
          scan_type: ['interlaced'],
          bit_depth: { allowed: [10] },
          color: { primaries: ['bt709'] },
        },
        audio: {
          codec: { allowed: ['pcm_s24le'] },
          sample_rate: [48000],
          loudness: { standards: [{ name: 'EBU R128', target: -23 }], true_peak_max: -1 },
        },
      },
      { governance: { spec_version: '5.1', source: 'House Book' }, workflow: { human_qc: true } },
    );
    expect({ name, source }).toEqual({ name: 'House HD', source: 'UMDP house_hd, 5.1 (House Book)' });
    expect(rules.extensions).toEqual(['mxf', 'mov']);
    expect(rules.media).toEqual({
      codecs: ['ProRes 422 HQ', 'DNxHD', 'PCM'],
      resolutions: ['1920×1080'],
      frameRates: ['50i', '59.94i'],
      sampleRates: ['48 kHz'],
      bitDepths: ['10 bit'],
      channelLayouts: [],
      languages: [],
    });
    expect(rules.signalLimits).toEqual({ ...noLimits, truePeakDbtp: -1 });
    expect(forPeople).toEqual([
      'assets.video.frame_rate.tolerance: 0.01',
      'assets.video.color.primaries: bt709',
      'assets.audio.loudness.standards.0.name: EBU R128',
      'assets.audio.loudness.standards.0.target: -23',
      'workflow.human_qc: true',
    ]);
  });

  test.each<[string, object[], [number | null, number | null], string[]]>([
    ['EBU R128', [{ name: 'EBU R128', target: -23, tolerance: 0.5 }], [-23.5, -22.5], ['name: EBU R128']],
    [
      'BS.1770',
      [{ name: 'ITU-R BS.1770-4', target: -24, tolerance: 2 }],
      [-26, -22],
      ['name: ITU-R BS.1770-4'],
    ],
    [
      'that of dialogue',
      [{ name: 'ATSC A/85', target: -24, tolerance: 2 }],
      [null, null],
      ['name: ATSC A/85', 'target: -24', 'tolerance: 2'],
    ],
    [
      'a target that no sound can have',
      [{ name: 'R128', target: 5, tolerance: 1 }],
      [null, null],
      ['name: R128', 'target: 5', 'tolerance: 1'],
    ],
  ])('of loudness, %s becomes limits only where the hub measures it', (_, standards, range, left) => {
    const { rules, forPeople } = umdp({ audio: { loudness: { standards } } });
    expect([rules.signalLimits.minLoudnessLufs, rules.signalLimits.maxLoudnessLufs]).toEqual(range);
    expect(forPeople).toEqual(left.map((line) => `assets.audio.loudness.standards.0.${line}`));
  });

  test('of several standards of loudness, people decide which one holds', () => {
    const standards = [-23, -24].map((target) => ({ name: 'EBU R128', target, tolerance: 1 }));
    const { rules, forPeople } = umdp({ audio: { loudness: { standards, true_peak_max: null } } });
    expect(rules.signalLimits).toEqual(noLimits);
    expect(forPeople).toHaveLength(6);
  });

  test('limits of loudness return, and an edited one takes precedence', () => {
    const signalLimits = { ...noLimits, minLoudnessLufs: -24.1, maxLoudnessLufs: -22.3, truePeakDbtp: -2 };
    const rules: RequestRules = { ...noRules, signalLimits };
    const text = JSON.stringify(writeUmdp({ id: 'rty_1', name: 'Mix', description: '', version: 1, rules }));
    expect(typesIn(text)[0]).toMatchObject({ rules: { signalLimits }, forPeople: [] });
    const [edited] = typesIn(text.replace('"true_peak_max":-2', '"true_peak_max":-1'));
    expect(edited!.rules.signalLimits).toEqual({ ...signalLimits, truePeakDbtp: -1 });
  });

  test('a list with one unknown codec is left to people, because the known ones alone would refuse what it allows', () => {
    const { rules, forPeople } = umdp({
      video: { codec: { allowed: ['prores_422', 'avc_intra_100'] }, container: { allowed: ['mxf', 'dcp'] } },
    });
    expect(rules.media.codecs).toEqual([]);
    expect(rules.extensions).toEqual([]);
    expect(forPeople).toEqual([
      'assets.video.codec.allowed: prores_422, avc_intra_100',
      'assets.video.container.allowed: mxf, dcp',
    ]);
  });

  test('the container of a picture does not restrict a delivery with subtitles', () => {
    const { rules, forPeople } = umdp({
      video: { container: { allowed: ['mxf'] } },
      timed_text: { required: true },
    });
    expect(rules.extensions).toEqual([]);
    expect(forPeople).toContain('assets.video.container.allowed: mxf');
  });

  test('mixed scan types are left to people, and the rates apply to both', () => {
    const { rules, forPeople } = umdp({
      video: { frame_rate: { allowed: ['25'] }, scan_type: ['psf', 'interlaced'] },
    });
    expect(rules.media.frameRates).toEqual(['25']);
    expect(forPeople).toEqual(['assets.video.scan_type: psf, interlaced']);
  });

  test('is cut at the limits of a type, and read whatever else it contains', () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`rule_${index}`, 'x'.repeat(900)]),
    );
    const type = umdp({}, { name: 'N'.repeat(200), constraints: many });
    expect(type.name).toHaveLength(80);
    expect([type.forPeople.length, type.moreForPeople]).toEqual([200, 100]);
    expect(type.forPeople[0]).toHaveLength(300);
  });

  test.each(starterTypes.map(({ name, description, rules }) => ({ name, description, rules })))(
    'reading returns what was written for $name',
    (type) => {
      const written = writeUmdp({ id: 'rty_1', version: 3, ...type });
      expect(String(written['id'])).toMatch(/^[a-z0-9][a-z0-9_]*[a-z0-9]$/);
      const [read] = typesIn(JSON.stringify(written));
      expect(read!.name).toBe(type.name);
      expect(read!.rules).toEqual(type.rules);
      expect(read!.forPeople).toEqual([]);
    },
  );

  test('an edited profile takes precedence over the embedded copy of the rules', () => {
    const media = { ...noRules.media, resolutions: ['1920×1080'] };
    const rules: RequestRules = { ...noRules, media, strictNames: true };
    const written = writeUmdp({ id: 'rty_1', name: 'Master', description: '', version: 1, rules });
    const text = JSON.stringify(written).replace('"1920x1080"', '"3840x2160"');
    const [read] = typesIn(text);
    expect(read!.rules.media.resolutions).toEqual(['3840×2160']);
    expect(read!.rules.strictNames).toBe(true);
  });
});

describe('an IMF Delivery Schema', () => {
  const track = (name: string, inner: string) => `<${name}>${inner}</${name}>`;
  const deliverable = (label: string, inner: string) =>
    `<Deliverable><Id>urn:uuid:1</Id><Label>${label}</Label><C><VirtualTrackList>${inner}</VirtualTrackList></C></Deliverable>`;
  const list = (inner: string) =>
    `<?xml version="1.0"?><d:DeliverySpecificationList xmlns:d="urn:x"><Issuer>House</Issuer>` +
    `<DeliverableList>${inner}</DeliverableList></d:DeliverySpecificationList>`;
  const image = track(
    'ImageVirtualTrack',
    '<EssenceEncoding>J2K_4KIMF</EssenceEncoding><FrameStructure>Progressive</FrameStructure>' +
      '<PixelBitDepth>12</PixelBitDepth><ImageFrameWidth>3840</ImageFrameWidth>' +
      '<ImageFrameHeight>2160</ImageFrameHeight><FrameRate>24000 1001</FrameRate><Colorimetry>COLOR.3</Colorimetry>',
  );
  const sound = track(
    'AudioVirtualTrack',
    `${'<AudioChannel><MCATagSymbol>ch</MCATagSymbol></AudioChannel>'.repeat(6)}<SampleRate>48000 1</SampleRate>`,
  );

  test('gives a type for each deliverable', () => {
    const types = typesIn(list(deliverable('UHD', image + sound) + deliverable('Sound', sound)));
    expect(types.map(({ name }) => name)).toEqual(['UHD', 'Sound']);
    expect(types[0]!.source).toBe('IMF Delivery Schema, House');
    expect(types[0]!.rules.media).toEqual({
      codecs: ['JPEG 2000'],
      resolutions: ['3840×2160'],
      frameRates: ['23.976p'],
      sampleRates: ['48 kHz'],
      bitDepths: ['12 bit'],
      channelLayouts: ['5.1'],
      languages: [],
    });
    expect(types[0]!.forPeople).toContain('C.ImageVirtualTrack.Colorimetry: COLOR.3');
    expect(types[0]!.forPeople).toContain('C.ImageVirtualTrack.EssenceEncoding: J2K_4KIMF');
  });

  test('an error in a rate leaves the rates to people', () => {
    const [type] = typesIn(list(deliverable('UHD', image.replace('24000 1001', '30000 1'))));
    expect(type!.rules.media.frameRates).toEqual([]);
    expect(type!.forPeople).toContain('C.ImageVirtualTrack.FrameRate: 30000 1');
  });

  test('two sizes are left to people, because widths and heights cannot be paired', () => {
    const two = image.replace(
      '3840</ImageFrameWidth>',
      '3840</ImageFrameWidth><ImageFrameWidth>4096</ImageFrameWidth>',
    );
    expect(typesIn(list(deliverable('4K', two)))[0]!.rules.media.resolutions).toEqual([]);
  });

  test('expands no entities and reads no document types', () => {
    expect(readSpecification(`<!DOCTYPE x [<!ENTITY a "b">]>${list('')}`)).toEqual({
      problem: 'not_xml',
      at: null,
    });
  });
});

test.each([
  ['', 'unknown_format'],
  ['%PDF-1.7', 'unknown_format'],
  ['<AssetMap/>', 'unknown_format'],
  ['{"id": "x"', 'not_json'],
  ['{"id": "house_hd", "delivery_paradigm": "file"}', 'incomplete'],
  [profile({ video: { resolution: { allowed: '1920x1080' } } }), 'incomplete'],
  ['<DeliverySpecificationList><Deliverable>', 'not_xml'],
  ['<DeliverySpecificationList></DeliverySpecificationList>', 'incomplete'],
  [`${'['.repeat(100_000)}`, 'unknown_format'],
  [`{"a":${'['.repeat(100_000)}`, 'not_json'],
])('reports a text that is no specification: %#', (text, problem) => {
  expect(readSpecification(text)).toMatchObject({ problem });
});
