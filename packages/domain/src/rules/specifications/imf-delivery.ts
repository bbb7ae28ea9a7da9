/**
 * The IMF Delivery Schema of the IMF User Group (<https://github.com/imfug/delivery-schema>): one type for each
 * deliverable. The hub compares size, frame rate, bit depth, sample rate and channels of the track files; people check
 * the rest.
 */
import { atOnce } from '../../manifests/manifest.ts';
import { readXml } from '../../manifests/xml.ts';
import { specifiedType, type SpecificationProblem, type SpecifiedType } from './specification.ts';

const maxDeliverables = 50;
const maxLeaves = 2000;
const tracks = ['ImageVirtualTrack', 'AudioVirtualTrack'];

type Deliverable = {
  label: string;
  values: Map<string, string[]>;
  /** The number of channels of each audio track. */
  channels: number[];
  leaves: { place: string; name: string; value: string }[];
};

export function readImfDelivery(xml: string): SpecifiedType[] | SpecificationProblem {
  const deliverables: Deliverable[] = [];
  let issuer = '';
  let text = '';
  let now: Deliverable | null = null;
  const open: string[] = [];
  const isIn = (name: string) => open.includes(name);
  const end = atOnce(
    readXml(xml, {
      open(name) {
        open.push(name);
        text = '';
        if (name === 'Deliverable' && deliverables.length < maxDeliverables) {
          now = { label: '', values: new Map(), channels: [], leaves: [] };
          deliverables.push(now);
        }
        if (name === 'AudioVirtualTrack') now?.channels.push(0);
        if (name === 'AudioChannel' && now && now.channels.length > 0)
          now.channels[now.channels.length - 1]! += 1;
      },
      text(piece) {
        text += piece;
      },
      close(name) {
        const value = text.trim();
        text = '';
        if (value !== '' && !now && name === 'Issuer') issuer = value;
        if (value !== '' && now) takeValue(now, name, value);
        open.pop();
        if (name === 'Deliverable') now = null;
      },
    }),
  );
  if (end !== 'complete') return { problem: 'not_xml', at: null };
  if (deliverables.length === 0) return { problem: 'incomplete', at: 'Deliverable' };
  return deliverables.map((each) => typeOf(each, issuer));

  function takeValue(deliverable: Deliverable, name: string, value: string) {
    if (name === 'Label' && open.at(-2) === 'Deliverable') deliverable.label = value;
    if (name === 'Id' || name === 'Label') return;
    const track = tracks.find(isIn);
    const key = `${track ?? ''} ${name}`;
    deliverable.values.set(key, [...(deliverable.values.get(key) ?? []), value]);
    const place = open.slice(open.lastIndexOf('Deliverable') + 1).filter((each) => !each.endsWith('List'));
    if (deliverable.leaves.length < maxLeaves) {
      deliverable.leaves.push({ place: place.join('.'), name: key, value });
    }
  }
}

function typeOf({ label, values, channels, leaves }: Deliverable, issuer: string): SpecifiedType {
  const of = (track: string, name: string) => values.get(`${track} ${name}`) ?? [];
  const picture = (name: string) => of('ImageVirtualTrack', name);
  const checked = new Set<string>();
  const take = (words: (string | null)[], ...names: string[]): string[] => {
    if (words.length === 0 || words.includes(null)) return [];
    for (const name of names) checked.add(name);
    return [...new Set(words as string[])];
  };
  const [widths, heights] = [picture('ImageFrameWidth'), picture('ImageFrameHeight')];
  const isOneSize = new Set(widths).size === 1 && new Set(heights).size === 1;
  const structures = new Set(picture('FrameStructure').map((each) => each.toLowerCase()));
  const letter = structures.size === 1 && structures.has('progressive') ? 'p' : '';
  const media = {
    // The codec is compared; people check its profile.
    codecs: picture('EssenceEncoding').some((each) => /j2k|jpeg_?2000/i.test(each)) ? ['JPEG 2000'] : [],
    resolutions: isOneSize
      ? take(
          [`${widths[0]}×${heights[0]}`],
          'ImageVirtualTrack ImageFrameWidth',
          'ImageVirtualTrack ImageFrameHeight',
        )
      : [],
    frameRates: take(
      picture('FrameRate').map((rate) => rateOf(rate, letter)),
      'ImageVirtualTrack FrameRate',
      ...(letter ? ['ImageVirtualTrack FrameStructure'] : []),
    ),
    bitDepths: take(
      picture('PixelBitDepth').map((bits) => (/^\d{1,2}$/.test(bits) ? `${bits} bit` : null)),
      'ImageVirtualTrack PixelBitDepth',
    ),
    sampleRates: take(
      of('AudioVirtualTrack', 'SampleRate').map((rate) => kiloHertz(rate)),
      'AudioVirtualTrack SampleRate',
    ),
    channelLayouts: channels.includes(0) ? [] : [...new Set(channels.map(layoutOf))],
    languages: [],
  };
  return specifiedType({
    name: label === '' ? 'IMF' : label,
    source: `IMF Delivery Schema${issuer === '' ? '' : `, ${issuer}`}`,
    rules: { extensions: ['mxf', 'xml'], media },
    forPeople: leaves
      .filter(({ name }) => !checked.has(name))
      .map(({ place, value }) => `${place}: ${value}`),
  });
}

/** Parses `24000 1001` or `24000/1001`; null for anything else. */
function quotient(written: string): number | null {
  const [, over, under] = /^(\d{1,7})[ /](\d{1,5})$/.exec(written) ?? [];
  return over === undefined || Number(under) === 0 ? null : Number(over) / Number(under);
}

function rateOf(written: string, letter: string): string | null {
  const rate = quotient(written);
  return rate === null || rate > maxRate ? null : `${Math.round(rate * 1000) / 1000}${letter}`;
}

/** Published specifications contain errors such as `30000 1`; no real rate exceeds this. */
const maxRate = 300;

function kiloHertz(written: string): string | null {
  const rate = quotient(written);
  return rate === null ? null : `${rate / 1000} kHz`;
}

function layoutOf(channels: number): string {
  return { 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' }[channels] ?? `${channels} ch`;
}
