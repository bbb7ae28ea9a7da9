/** Reads the stored bytes of a checksum list and returns its entries in pieces for the database. */
import { readFileSync, statSync } from 'node:fs';
import {
  maxManifestBytes,
  type ManifestEntry,
  type StorableReading,
} from '@turnover/domain/manifests/manifest';
import { readManifest } from '@turnover/domain/manifests/reading';

export type ManifestFile = {
  /** Path of the stored bytes. */
  file: string;
  /** Path of the list in its delivery. */
  path: string;
};
const entriesPerPiece = 500;

export function readManifestFile({ file, path }: ManifestFile): StorableReading {
  const nothing = {
    what: '',
    notes: [],
    entries: 0,
    unread: 0,
    creator: null,
    ignores: [],
    folders: [],
    pieces: [],
  };
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxManifestBytes) return { ...nothing, kind: 'unreadable' };
  const reading = readManifest(readFileSync(file), { path });
  if (reading.kind === 'none') return { ...nothing, kind: 'unreadable' };
  if (reading.kind === 'unsupported') return { ...nothing, kind: 'unsupported', what: reading.what };
  const { dialect, entries, notes, unread, creator, ignores, folders } = reading;
  const pieces: string[] = [];
  for (let start = 0; start < entries.length; start += entriesPerPiece) {
    pieces.push(JSON.stringify(entries.slice(start, start + entriesPerPiece).map(asRow)));
  }
  const facts = { notes, unread, creator, ignores, folders };
  return { kind: 'list', what: dialect, entries: entries.length, ...facts, pieces };
}

function asRow(entry: ManifestEntry) {
  const { path, algorithms, value, sizeBytes, line, notes, previousPath, computedAt, stated } = entry;
  return [
    path,
    algorithms.join(' '),
    value,
    sizeBytes,
    line,
    notes.join(' '),
    ...[previousPath ?? null, computedAt ?? null, stated ?? null],
  ];
}
