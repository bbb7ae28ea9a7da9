/** Texts, icons and tones for requests, their files and their history. */
import Check from '@lucide/svelte/icons/check';
import Activity from '@lucide/svelte/icons/activity';
import Ban from '@lucide/svelte/icons/ban';
import CheckCheck from '@lucide/svelte/icons/check-check';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import Clock from '@lucide/svelte/icons/clock';
import Send from '@lucide/svelte/icons/send';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Undo from '@lucide/svelte/icons/undo-2';
import type { DueBucket } from '@turnover/domain/requests/due-buckets';
import { findingAnswers, type FindingAnswer } from '@turnover/domain/requests/finding-answers';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import * as m from '@turnover/messages/messages';
import type { Glyph, Tone } from '#lib/ui/text/icon.ts';

type StatusLook = { word: () => string; icon: Glyph; tone: Tone };

export const statusLooks: Record<RequestStatus, StatusLook> = {
  open: { word: m.request_status_open, icon: Clock, tone: 'flat' },
  submitted: { word: m.request_status_submitted, icon: Send, tone: 'info' },
  processing: { word: m.request_status_processing, icon: Activity, tone: 'info' },
  processed: { word: m.request_status_processed, icon: Check, tone: 'ok' },
  redelivery: { word: m.request_status_redelivery, icon: Undo, tone: 'warn' },
  accepted: { word: m.request_status_accepted, icon: CheckCheck, tone: 'ok' },
  cancelled: { word: m.request_status_cancelled, icon: Ban, tone: 'flat' },
};

export const bucketLooks: Record<DueBucket, StatusLook> = {
  critical: { word: m.bucket_critical, icon: CircleAlert, tone: 'bad' },
  at_risk: { word: m.bucket_at_risk, icon: TriangleAlert, tone: 'warn' },
  on_track: { word: m.bucket_on_track, icon: CircleCheck, tone: 'ok' },
};

export const answerWords: Record<FindingAnswer, () => string> = {
  fixed: m.finding_answer_fixed,
  creative_intent: m.finding_answer_creative_intent,
  best_possible: m.finding_answer_best_possible,
};

export function isFindingAnswer(value: unknown): value is FindingAnswer {
  return (findingAnswers as readonly unknown[]).includes(value);
}
