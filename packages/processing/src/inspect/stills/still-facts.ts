/** The result of reading a still picture. */
import type { PictureTrack } from '@turnover/domain/media/media-report';

/** The facts of a picture that its format states. */
export type Still = { [Key in keyof Omit<PictureTrack, 'kind'>]?: PictureTrack[Key] | undefined } & {
  codec: string;
  details: Record<string, string | undefined>;
};
