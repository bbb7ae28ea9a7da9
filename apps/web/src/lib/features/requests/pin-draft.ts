/** A finding as it is being written, and what is wrong with it, told at its fields. */
import { pinInput, type PinInput } from '@turnover/domain/pins';
import * as m from '@turnover/messages/messages';

export type PinnedFile = { id: string; path: string };
export type PinDraft = {
  /** Only on this page. */
  key: number;
  reason: string;
  file: PinnedFile | null;
  fileText: string;
  timecodeIn: string;
  timecodeOut: string;
  note: string;
};
export type PinErrors = Partial<Record<'reason' | 'file' | 'timecodeIn' | 'timecodeOut', string>>;

export function emptyPin(key: number): PinDraft {
  return { key, reason: '', file: null, fileText: '', timecodeIn: '', timecodeOut: '', note: '' };
}

export function inputOf({ reason, file, timecodeIn, timecodeOut, note }: PinDraft): PinInput {
  return {
    ...{ reason, note, fileId: file?.id ?? null },
    timecodeIn: timecodeIn.trim() || null,
    timecodeOut: timecodeOut.trim() || null,
  };
}

export function errorsOf(draft: PinDraft): PinErrors {
  const errors: PinErrors = {};
  if (draft.reason === '') errors.reason = m.pin_reason_missing();
  if (draft.file === null && draft.fileText.trim() !== '') errors.file = m.pin_file_unknown();
  for (const { path, code } of pinInput.safeParse(inputOf(draft)).error?.issues ?? []) {
    const [field] = path;
    if (field !== 'timecodeIn' && field !== 'timecodeOut') continue;
    // The order of what cannot be read is nobody's mistake.
    if (code === 'custom' && errors.timecodeIn) continue;
    errors[field] = code === 'custom' ? m.pin_timecode_order() : m.pin_timecode_wrong();
  }
  return errors;
}

/** `01:00:00:00 – 01:00:02:00`; empty without a moment. */
export function describeMoment(timecodeIn: string | null, timecodeOut: string | null): string {
  if (!timecodeIn) return '';
  return timecodeOut ? m.pin_range({ from: timecodeIn, to: timecodeOut }) : timecodeIn;
}
