/** Reads the size of an SVG picture. Renders nothing, and opens nothing that it refers to. */
import { atOnce } from '@turnover/domain/manifests/manifest';
import { readXml } from '@turnover/domain/manifests/xml';
import { truncated, unreadable, type InspectionFailed } from '../outcome.ts';
import { mebibyte, type Source } from '../source.ts';
import { textOf } from '../text/encoding.ts';
import { amountFact, textFact } from '../values.ts';
import type { Still } from './still-facts.ts';

const maxBytes = 4 * mebibyte;

export function readSvg(source: Source): Still | InspectionFailed {
  const text = textOf(source.read(0, maxBytes))?.text;
  if (text === undefined) return unreadable('damaged_header');
  let root: ReadonlyMap<string, string> | undefined;
  const end = atOnce(
    readXml(withoutType(text), {
      open: (name, attributes) => {
        if (name === 'svg') root ??= attributes;
      },
      text: () => undefined,
      close: () => undefined,
    }),
  );
  if (end === 'cut_short' && source.sizeBytes <= maxBytes) return truncated(source.sizeBytes);
  if (!root || end === 'malformed' || end === 'doctype') return unreadable('damaged_header');
  const [, , boxWidth, boxHeight] = (root.get('viewBox') ?? '').trim().split(/[\s,]+/);
  const width = pixels(root.get('width')) ?? amountFact(boxWidth);
  const height = pixels(root.get('height')) ?? amountFact(boxHeight);
  return {
    codec: 'SVG',
    width: width && Math.round(width),
    height: height && Math.round(height),
    frames: 1,
    details: { viewBox: textFact(root.get('viewBox')) },
  };
}

/**
 * Removes the document type that writers of the nineties add; it is not interpreted. Looks at the first one only: trying each of
 * thousands would read the rest of the file for each.
 */
function withoutType(text: string): string {
  const at = text.search(/<!DOCTYPE/i);
  const documentType = /<!DOCTYPE[^>[]*(?:\[[^\]]*\]\s*)?>/iy;
  documentType.lastIndex = Math.max(0, at);
  return documentType.test(text) ? text.slice(0, at) + text.slice(documentType.lastIndex) : text;
}

/** Returns undefined for percentages and other units. */
function pixels(length: string | undefined): number | undefined {
  return amountFact(/^\s*([\d.]+)(?:px)?\s*$/.exec(length ?? '')?.[1]);
}
