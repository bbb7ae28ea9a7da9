/**
 * Runs MediaInfo on a file. It runs as WebAssembly, which can open nothing and gets bytes only from the source. Each
 * file gets a new instance, so that no data of the previous file remain.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import mediaInfoFactory from 'mediainfo.js';
import type { Source } from '../source.ts';
import { limitMemory } from './memory-limit.ts';

/** A track as MediaInfo states it: texts, numbers, and lists under `extra`. */
export type RawTrack = Readonly<Record<string, unknown>>;
export type MediaInfoResult = { version: string; tracks: readonly RawTrack[] };

/** Maximum number of reads. Without it, a parser that jumps about in the file could spend its budget byte by byte. */
const maxReads = 4096;
const readsPerTurn = 16;
const maxJsonLength = 4 * 1024 * 1024;
const maxRawTracks = 1000;

limitMemory();

/** Returns null when MediaInfo itself fails on the file. */
export async function runMediaInfo(source: Source, signal: AbortSignal): Promise<MediaInfoResult | null> {
  let reads = 0;
  try {
    const mediaInfo = await mediaInfoFactory({ format: 'JSON' });
    try {
      const json = await mediaInfo.analyzeData(source.sizeBytes, async (length, at) => {
        if (reads % readsPerTurn === 0) await nextTurn();
        signal.throwIfAborted();
        reads += 1;
        return reads > maxReads ? new Uint8Array(0) : source.read(at, length);
      });
      return json.length > maxJsonLength ? null : parsed(json);
    } finally {
      mediaInfo.close();
    }
  } catch {
    // MediaInfo throws a WebAssembly trap for a file that crashes it.
    signal.throwIfAborted();
    return null;
  }
}

function parsed(json: string): MediaInfoResult {
  const result = JSON.parse(json) as {
    creatingLibrary?: { version?: unknown };
    media?: { track?: unknown };
  };
  const tracks = Array.isArray(result.media?.track) ? (result.media.track as unknown[]) : [];
  return {
    version: String(result.creatingLibrary?.version ?? ''),
    tracks: tracks.filter(isRecord).slice(0, maxRawTracks),
  };
}

export function isRecord(value: unknown): value is RawTrack {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
