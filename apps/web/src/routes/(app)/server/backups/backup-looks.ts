/** How each backup looks: its word, its icon, and why it was made. */
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import Database from '@lucide/svelte/icons/database';
import Eraser from '@lucide/svelte/icons/eraser';
import Pin from '@lucide/svelte/icons/pin';
import RotateCw from '@lucide/svelte/icons/rotate-cw';
import type { BackupCause, BackupState, BackupsView, BackupView } from '@turnover/domain/server/backups';
import * as m from '@turnover/messages/messages';
import { formatFully } from '#lib/format.ts';
import type { Glyph, Tone } from '#lib/ui/text/icon.ts';

type Look = { tone: Tone; icon: Glyph; word: () => string };

const looks: Record<BackupState, Look> = {
  waiting: { tone: 'flat', icon: Clock, word: m.backups_state_waiting },
  running: { tone: 'info', icon: RotateCw, word: m.backups_state_running },
  made: { tone: 'ok', icon: CircleCheck, word: m.backups_state_made },
  kept: { tone: 'flat', icon: Database, word: m.backups_state_kept },
  removed: { tone: 'flat', icon: Eraser, word: m.backups_state_removed },
  failed: { tone: 'bad', icon: CircleX, word: m.backups_state_failed },
};
const restorePoint: Look = { tone: 'ok', icon: Pin, word: m.backups_state_restore_point };

export function lookOf({ state, cause }: BackupView): Look {
  return cause === 'update' || cause === 'restore' ? restorePoint : looks[state];
}

export const causeWords: Record<BackupCause, () => string> = {
  schedule: m.backups_cause_schedule,
  person: m.backups_cause_person,
  update: m.backups_cause_update,
  restore: m.backups_cause_restore,
  other: m.backups_cause_other,
};

export function isRestorable({ state }: BackupView): boolean {
  return state === 'made' || state === 'kept';
}

export function restoreWords(restore: NonNullable<BackupsView['latestRestore']>): string {
  const { backup, state, reason, restorePoint } = restore;
  const when = formatFully(restore.at);
  if (state === 'refused') return m.backups_latest_refused({ when, backup, reason: reason ?? '' });
  if (state === 'interrupted') return m.backups_latest_interrupted({ when, backup });
  return restorePoint === null
    ? m.backups_latest_done_only({ when, backup })
    : m.backups_latest_done({ when, backup, point: restorePoint });
}
