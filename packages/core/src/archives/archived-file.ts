/** One member of an archive: a file or an empty folder. */
import type { assets } from '@turnover/db/schema/assets';

export type AssetState = (typeof assets.$inferSelect)['state'];

export type ArchivedFile = {
  /** The path in the archive. The path of an empty folder ends with `/`. */
  path: string;
  /** The id of the entry or delivered file; null for a folder. */
  fileId: string | null;
  /**
   * Whether the file was removed from the request but belongs to a submitted round: then it has no download address of its
   * own.
   */
  isRemoved: boolean;
  assetId: string | null;
  sizeBytes: number;
  at: number;
  state: AssetState;
  /** CRC-32 of the file; null until it is computed. */
  crc: number | null;
};
