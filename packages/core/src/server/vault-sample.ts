/** Checks a sample of the vault's files at the start. Detects a vault that is missing, older, or of another hub. */
import { and, asc, desc, eq, gte } from 'drizzle-orm';
import type { Database } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { inspectVaultFile, type WrongFile } from '../storage.ts';

export type VaultSample = { looked: number; wrong: WrongFile[] };

/**
 * The number of newest assets in the sample, because an older copy of a vault lacks them. As many again are spread over the
 * rest.
 */
const newest = 32;
const spread = 32;

export function sampleVault(db: Database, dataFolder: string): VaultSample {
  const sampled = chooseAssets(db);
  const wrong = sampled.flatMap(({ id, sizeBytes }) => inspectVaultFile(dataFolder, id, sizeBytes) ?? []);
  return { looked: sampled.length, wrong };
}

type Sampled = { id: string; sizeBytes: number };

function chooseAssets(db: Database): Sampled[] {
  const columns = { id: assets.id, sizeBytes: assets.sizeBytes };
  const isStored = eq(assets.state, 'stored');
  const chosen = new Map<string, number>();
  const add = (rows: Sampled[]) => rows.forEach(({ id, sizeBytes }) => chosen.set(id, sizeBytes));
  add(db.select(columns).from(assets).where(isStored).orderBy(desc(assets.id)).limit(newest).all());
  for (const id of idsBetween(db)) {
    add(
      db
        .select(columns)
        .from(assets)
        .where(and(isStored, gte(assets.id, id)))
        .orderBy(asc(assets.id))
        .limit(1)
        .all(),
    );
  }
  return [...chosen].map(([id, sizeBytes]) => ({ id, sizeBytes }));
}

/** Ids that are evenly spread in time: ids begin with their time, so equal steps between first and last spread over the years. */
function idsBetween(db: Database): string[] {
  const first = db.select({ id: assets.id }).from(assets).orderBy(asc(assets.id)).limit(1).get()?.id;
  const last = db.select({ id: assets.id }).from(assets).orderBy(desc(assets.id)).limit(1).get()?.id;
  if (!first || !last) return [];
  const [from, to] = [timeOf(first), timeOf(last)];
  return Array.from({ length: spread }, (_, step) => idAt(from + ((to - from) * step) / spread));
}

const letters = '234567abcdefghijklmnopqrstuvwxyz';
/** The number of id letters for the time: ten letters hold 48 bits of time and two random bits. */
const timeLetters = 10;

function timeOf(id: string): number {
  return [...id.slice(4, 4 + timeLetters)].reduce((time, letter) => time * 32 + letters.indexOf(letter), 0);
}

function idAt(time: number): string {
  let text = '';
  for (let left = Math.floor(time), place = 0; place < timeLetters; place++, left = Math.floor(left / 32))
    text = letters[left % 32] + text;
  return `ast_${text}`;
}
