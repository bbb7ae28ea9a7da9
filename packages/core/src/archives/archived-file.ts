/** One member of an archive. */
import type { assets } from '@turnover/db/schema/assets';

export type AssetState = (typeof assets.$inferSelect)['state'];

export type ArchivedFile = {
  /** Its path in the archive. That of an empty folder ends with `/`. */
  path: string;
  /** The entry or delivered file; null for a folder. */
  fileId: string | null;
  /** From the request since, while a round still has it: then it has no address of its own. */
  isRemoved: boolean;
  assetId: string | null;
  sizeBytes: number;
  at: number;
  state: AssetState;
  /** Null: nobody has computed it yet. */
  crc: number | null;
};
