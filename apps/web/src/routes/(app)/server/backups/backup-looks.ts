/** How each backup looks: its word, its icon, and why it was made. */
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import Database from '@lucide/svelte/icons/database';
import Eraser from '@lucide/svelte/icons/eraser';
import Pin from '@lucide/svelte/icons/pin';
import RotateCw from '@lucide/svelte/icons/rotate-cw';
import type { BackupCause, BackupState, BackupView } from '@turnover/domain/server/backups';
import * as m from '@turnover/messages/messages';
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
