/** The draft of a finding, and the problems of its fields. */
import { readMoment, type FindingInput, type WrongMoment } from '@turnover/domain/requests/findings';
import { frameRateInName, type FrameRate } from '@turnover/domain/media/timecodes';
import * as m from '@turnover/messages/messages';

export type PinnedFile = { id: string; path: string };
export type FindingDraft = {
  /** Key of the draft, unique on this page only. */
  key: number;
  reason: string;
  file: PinnedFile | null;
  fileText: string;
  timecodeIn: string;
  timecodeOut: string;
  frameRate: FrameRate;
  note: string;
};
export type FindingErrors = Partial<Record<'reason' | 'file' | 'timecodeIn' | 'timecodeOut', string>>;

export function emptyFinding(key: number, frameRate: FrameRate): FindingDraft {
  return { key, reason: '', file: null, fileText: '', timecodeIn: '', timecodeOut: '', frameRate, note: '' };
}

export function inputOf({ reason, file, frameRate, note, ...moment }: FindingDraft): FindingInput {
  return { reason, note, fileId: file?.id ?? null, ...writtenMoment(moment), frameRate };
}

/** Completes the timecodes to the stored form: `1:2:3:4` becomes `01:02:03:04`. */
export function tidied(draft: FindingDraft): FindingDraft {
  const { moment } = readMoment(writtenMoment(draft), draft.frameRate);
  return moment
    ? { ...draft, timecodeIn: moment.timecodeIn ?? '', timecodeOut: moment.timecodeOut ?? '' }
    : draft;
}

/** Returns the frame rate for a draft. A rate in the file's name overrides the last chosen one. */
export function frameRateFor({ file, frameRate }: Pick<FindingDraft, 'file' | 'frameRate'>): FrameRate {
  return (file && frameRateInName(file.path)) ?? frameRate;
}

export function wrongMoment(draft: FindingDraft): WrongMoment | null {
  return readMoment(writtenMoment(draft), draft.frameRate).wrong;
}

function writtenMoment({ timecodeIn, timecodeOut }: Pick<FindingDraft, 'timecodeIn' | 'timecodeOut'>) {
  return { timecodeIn: timecodeIn.trim() || null, timecodeOut: timecodeOut.trim() || null };
}

export function errorsOf(draft: FindingDraft): FindingErrors {
  const errors: FindingErrors = {};
  if (draft.reason === '') errors.reason = m.finding_reason_missing();
  if (draft.file === null && draft.fileText.trim() !== '') errors.file = m.finding_file_unknown();
  const wrong = wrongMoment(draft);
  if (wrong) errors[wrong.field] = wordsForMoment(wrong, draft.frameRate);
  return errors;
}

function wordsForMoment({ problem, nearest }: WrongMoment, rate: FrameRate): string {
  if (problem === 'form') return m.finding_timecode_wrong();
  if (nearest === null) return m.finding_timecode_no_start();
  const words = {
    hours: m.finding_timecode_hours,
    minutes: m.finding_timecode_minutes,
    seconds: m.finding_timecode_seconds,
    frames: m.finding_timecode_frames,
    dropped: m.finding_timecode_dropped,
    drop_mark: m.finding_timecode_drop_mark,
    order: m.finding_timecode_order,
  };
  return words[problem]({ nearest, rate });
}

export type ShownMoment = {
  timecodeIn: string | null;
  timecodeOut: string | null;
  frameRate?: FrameRate | null;
};

/** Returns `01:00:00:00 – 01:00:02:00 · 25 fps`; empty when there is no moment. */
export function describeMoment({ timecodeIn, timecodeOut, frameRate }: ShownMoment): string {
  if (!timecodeIn) return '';
  const moment = timecodeOut ? m.finding_range({ from: timecodeIn, to: timecodeOut }) : timecodeIn;
  return frameRate ? `${moment} · ${m.finding_frame_rate_value({ rate: frameRate })}` : moment;
}
