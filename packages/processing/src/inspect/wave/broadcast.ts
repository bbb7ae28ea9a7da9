/** Reads the metadata of a Broadcast WAVE: `bext` (EBU Tech 3285), `iXML`, and the presence of an audio definition model. */
import { atOnce } from '@turnover/domain/manifests/manifest';
import { readXml } from '@turnover/domain/manifests/xml';
import type { FrameRate } from '@turnover/domain/media/timecodes';
import { readFrameRate, timecodeAt, framesPerDay } from '@turnover/domain/media/timecodes';
import { paddedText, textFact } from '../values.ts';

export type BroadcastExtension = {
  details: Record<string, string | undefined>;
  /** The time reference, in samples since midnight. */
  timeReference: number;
};

/** Returns null when the chunk is too short. */
export function readBroadcastExtension(bext: Buffer): BroadcastExtension | null {
  if (bext.length < 348) return null;
  const timeReference = Number(bext.readBigUInt64LE(338));
  const version = bext.readUInt16LE(346);
  return {
    timeReference: Number.isSafeInteger(timeReference) ? timeReference : 0,
    details: {
      'bext.description': paddedText(bext.subarray(0, 256)),
      'bext.originator': paddedText(bext.subarray(256, 288)),
      'bext.originatorReference': paddedText(bext.subarray(288, 320)),
      'bext.date': paddedText(bext.subarray(320, 330)),
      'bext.time': paddedText(bext.subarray(330, 338)),
      'bext.timeReference': textFact(timeReference),
      'bext.version': textFact(version),
      ...(version >= 2 && bext.length >= 422 ? loudnessIn(bext) : {}),
      'bext.codingHistory': paddedText(bext.subarray(602)),
    },
  };
}

const loudness = [
  ['bext.loudness', 412, 'LUFS'],
  ['bext.loudnessRange', 414, 'LU'],
  ['bext.maxTruePeak', 416, 'dBTP'],
  ['bext.maxMomentary', 418, 'LUFS'],
  ['bext.maxShortTerm', 420, 'LUFS'],
] as const;
const notMeasured = 0x7fff;

function loudnessIn(bext: Buffer): Record<string, string | undefined> {
  return Object.fromEntries(
    loudness.map(([label, at, unit]) => {
      const value = bext.readInt16LE(at);
      return [label, value === notMeasured ? undefined : `${(value / 100).toFixed(2)} ${unit}`];
    }),
  );
}

export type IXml = { details: Record<string, string | undefined>; rate: FrameRate | null };

const fields = new Map([
  ['BWFXML/PROJECT', 'iXML.project'],
  ['BWFXML/SCENE', 'iXML.scene'],
  ['BWFXML/TAKE', 'iXML.take'],
  ['BWFXML/TAPE', 'iXML.tape'],
  ['BWFXML/NOTE', 'iXML.note'],
  ['BWFXML/SPEED/TIMECODE_RATE', 'iXML.timecodeRate'],
  ['BWFXML/SPEED/TIMECODE_FLAG', 'iXML.timecodeFlag'],
]);
const maxTrackNames = 32;

/** Reads up to the first error in the XML. */
export function readIXml(xml: string): IXml {
  const path: string[] = [];
  const details: Record<string, string | undefined> = {};
  const names: string[] = [];
  let text = '';
  atOnce(
    readXml(xml, {
      open: (name) => {
        path.push(name);
        text = '';
      },
      text: (piece) => {
        text = (text + piece).slice(0, 1000);
      },
      close: () => {
        const label = fields.get(path.join('/'));
        if (label !== undefined) details[label] ??= textFact(text);
        const isName = path.join('/') === 'BWFXML/TRACK_LIST/TRACK/NAME';
        if (isName && names.length < maxTrackNames) names.push(text.trim());
        path.pop();
        text = '';
      },
    }),
  );
  details['iXML.tracks'] = textFact(names.filter((name) => name !== '').join(', '));
  return { details, rate: timecodeRate(details['iXML.timecodeRate'], details['iXML.timecodeFlag']) };
}

/** Combines `24000/1001` and `DF` or `NDF`. */
function timecodeRate(rate: string | undefined, flag: string | undefined): FrameRate | null {
  const [, over, under] = /^(\d{2,6})\/(\d{1,4})$/.exec(rate ?? '') ?? [];
  if (over === undefined || Number(under) === 0) return null;
  const speed = (Number(over) / Number(under)).toFixed(3);
  return readFrameRate(flag === 'DF' ? `${speed} DF` : speed) ?? readFrameRate(speed);
}

/** Returns the timecode of a sample that is counted from midnight. */
export function timecodeOfSample(sample: number, sampleRate: number, rate: FrameRate): string {
  const exact = exactRate(rate);
  return timecodeAt(Math.floor((sample / sampleRate) * exact + 1e-6) % framesPerDay(rate), rate);
}

function exactRate(rate: FrameRate): number {
  const speed = Number.parseFloat(rate);
  return Number.isInteger(speed) ? speed : (Math.ceil(speed) * 1000) / 1001;
}
