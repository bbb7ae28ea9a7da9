/** Recognises the documents of an Interoperable Master Package. Their references are checked with the whole package. */
import { maxImfDocumentBytes, readImfDocument } from '@turnover/domain/media/imf-documents';
import { notInspected, type InspectionRead, type InspectionSkipped } from '../outcome.ts';
import { reportOf } from '../report.ts';
import type { Source } from '../source.ts';
import { textOf } from './encoding.ts';

const names = { assetmap: 'IMF ASSETMAP', packing_list: 'IMF PKL', composition: 'IMF CPL' } as const;

export function readImf(source: Source): InspectionRead | InspectionSkipped {
  if (source.sizeBytes > maxImfDocumentBytes) return notInspected;
  const text = textOf(source.read(0, maxImfDocumentBytes))?.text;
  const document = text === undefined ? null : readImfDocument(text);
  if (!document) return notInspected;
  const details =
    document.kind === 'composition'
      ? { title: document.title, trackFiles: String(document.tracks.length) }
      : { assets: String(document.assets.length) };
  return {
    kind: 'read',
    report: reportOf({
      reader: 'turnover',
      container: names[document.kind],
      tracks: [],
      details: { id: document.id, ...details },
    }),
    problems: [],
  };
}
