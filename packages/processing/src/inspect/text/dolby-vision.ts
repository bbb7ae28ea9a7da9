/** Reads the Dolby Vision metadata of a picture: what they state about themselves. The stage `package` compares their edit rate. */
import { atOnce } from '@turnover/domain/manifests/manifest';
import { readXml } from '@turnover/domain/manifests/xml';
import type { Fraction } from '@turnover/domain/media/media-report';
import { unreadable, type InspectionFailed, type InspectionRead } from '../outcome.ts';
import { reportOf } from '../report.ts';
import { mebibyte, type Source } from '../source.ts';
import { fractionFact, textFact, wholeFact } from '../values.ts';
import { textOf } from './encoding.ts';

export const dolbyVisionRoot = 'DolbyLabsMDF';
/** A film of 3000 shots has some 10 MB. */
const maxBytes = 16 * mebibyte;
const maxTextLength = 100;

export type DolbyVision = {
  version: string | undefined;
  editRate: Fraction | undefined;
  /** The number of shots and their length in frames; undefined when the end of the document is missing. */
  shots: number | undefined;
  frames: number | undefined;
};

/** Expands no entities and opens nothing. Returns null for other documents, and for one with a document type. */
export function readDolbyVision(text: string): DolbyVision | null {
  const path: string[] = [];
  const first = new Map<string, string>();
  let [root, written, shots, frames] = ['', '', 0, 0];
  const end = atOnce(
    readXml(text, {
      open: (name, attributes) => {
        if (path.length === 0) {
          root = name;
          first.set('Version', attributes.get('version') ?? '');
        }
        if (name === 'Shot') shots += 1;
        path.push(name);
        written = '';
      },
      text: (piece) => {
        written = (written + piece).slice(0, maxTextLength);
      },
      close: () => {
        const name = path.slice(-2).join('/');
        const value = written.trim();
        if (name === 'Record/Duration') frames += wholeFact(value) ?? 0;
        const key = path.pop()!;
        // Version 2 states the rate as `Rate/n` and `Rate/d`, later ones as `EditRate` with both numbers.
        for (const each of [key, name]) if (!first.get(each)) first.set(each, value);
        written = '';
      },
    }),
  );
  if (root !== dolbyVisionRoot || end === 'doctype') return null;
  const [over, under = '1'] = first.get('EditRate')?.split(/[\s/]+/) ?? [
    first.get('Rate/n'),
    first.get('Rate/d'),
  ];
  const isWhole = end === 'complete';
  return {
    version: textFact(first.get('Version')),
    editRate: fractionFact(over, under),
    shots: isWhole ? shots : undefined,
    frames: isWhole ? frames : undefined,
  };
}

export function inspectDolbyVision(source: Source): InspectionRead | InspectionFailed {
  const text = textOf(source.read(0, maxBytes))?.text;
  const found = text === undefined ? null : readDolbyVision(text);
  if (!found) return unreadable('damaged_header');
  const { version, editRate, shots, frames } = found;
  return {
    kind: 'read',
    report: reportOf({
      reader: 'turnover',
      container: 'Dolby Vision XML',
      tracks: [],
      details: {
        version,
        editRate: editRate?.join('/'),
        shots: shots?.toString(),
        frames: frames?.toString(),
      },
    }),
    problems: [],
  };
}
