// Compares the facts of our inspection with those of the installed mediainfo, for each file of a folder:
// npm run bench -- agreement --media=<folder>
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { mediaKind } from '../packages/domain/src/media/media-kinds.ts';
import type { MediaTrack } from '../packages/domain/src/media/media-report.ts';
import { inspectFile } from '../packages/processing/src/inspect/inspect-file.ts';
import type { RawTrack } from '../packages/processing/src/inspect/mediainfo/run.ts';
import { tracksOf } from '../packages/processing/src/inspect/mediainfo/tracks.ts';
import { sayMissing } from './peers.ts';

/** Absolute from 1 on, and otherwise relative. */
const tolerances: Record<string, number> = { durationMs: 1.5, bitRate: 0.02, pixelAspect: 0.001 };
const kinds: readonly MediaTrack['kind'][] = ['picture', 'sound', 'text'];

type Line = { file: string; fact: string; ours: string; theirs: string };

export async function benchAgreement(): Promise<void> {
  const folder = process.argv.find((each) => each.startsWith('--media='))?.slice('--media='.length);
  if (folder === undefined) return console.log('Name a folder with media: --media=<folder>');
  if (spawnSync('mediainfo', ['--Version']).error) return sayMissing('mediainfo', 'mediainfo');
  const unequal: Line[] = [];
  const aside: string[] = [];
  let equal = 0;
  for (const file of filesIn(folder)) {
    const name = path.relative(folder, file);
    const theirs = factsOf(tracksOf(tracksOfMediaInfo(file)));
    const ours = await inspected(file);
    // A document of an IMF package has no tracks: mediainfo opens the files that it names, and we open no other file.
    if (typeof ours === 'string' || ours.size === 0) {
      if (theirs.size > 0)
        aside.push(`${name}\t${String(theirs.size)}\t${typeof ours === 'string' ? ours : 'no tracks'}`);
      continue;
    }
    for (const [fact, value] of theirs) {
      const own = ours.get(fact);
      if (isEqual(fact, own, value)) equal += 1;
      else unequal.push({ file: name, fact, ours: String(own ?? '–'), theirs: String(value) });
    }
  }
  for (const { file, fact, ours, theirs } of unequal) console.log(`${file}\t${fact}\t${ours}\t${theirs}`);
  console.log('\nNo facts of ours (file, their facts, why):');
  for (const line of aside) console.log(line);
  console.log(`\n${equal} facts are equal, ${unequal.length} are not (file, fact, ours, theirs).`);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .toSorted();
}

function tracksOfMediaInfo(file: string): RawTrack[] {
  const { stdout } = spawnSync('mediainfo', ['--Output=JSON', file], { encoding: 'utf8' });
  const read = JSON.parse(stdout) as { media: { track: RawTrack[] } | null };
  return read.media?.track ?? [];
}

/** The facts, or in one word why there are none. */
async function inspected(file: string): Promise<Map<string, unknown> | string> {
  const name = path.basename(file);
  const { size: sizeBytes } = statSync(file);
  const found = await inspectFile(
    { path: file, name, sizeBytes, mediaKind: mediaKind(name) },
    { signal: new AbortController().signal },
  );
  if (found.kind === 'read') return factsOf(found.report.tracks);
  return found.kind === 'failed' ? found.failure : found.reason;
}

/** Keyed by the kind of the track, its number among them, and the name of the fact. */
function factsOf(tracks: readonly MediaTrack[]): Map<string, unknown> {
  const facts = new Map<string, unknown>();
  for (const kind of kinds) {
    for (const [at, track] of tracks.filter((each) => each.kind === kind).entries()) {
      for (const [name, value] of Object.entries(track)) {
        if (name !== 'kind' && value !== undefined) facts.set(`${kind} ${at + 1} ${name}`, value);
      }
    }
  }
  return facts;
}

function isEqual(fact: string, ours: unknown, theirs: unknown): boolean {
  const name = fact.split(' ').at(-1)!;
  if (typeof ours === 'number' && typeof theirs === 'number') {
    const tolerance = tolerances[name] ?? 0;
    return Math.abs(ours - theirs) <= (tolerance < 1 ? tolerance * theirs : tolerance);
  }
  return JSON.stringify(ours) === JSON.stringify(theirs);
}
