/** The texts of My work: its sections, and what each row waits for. */
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Undo from '@lucide/svelte/icons/undo-2';
import Upload from '@lucide/svelte/icons/upload';
import type { ReasonView } from '@turnover/domain/requests/reasons';
import type { WorkRequestView, WorkSectionName, WorkSectionView } from '@turnover/domain/work/work';
import * as m from '@turnover/messages/messages';
import { dueWords, lateness } from '#lib/features/requests/due-words.ts';
import { statusLooks } from '#lib/features/requests/request-words.ts';
import { worstOpen } from '#lib/features/requests/redelivery/open-findings.ts';
import type { Cell } from '#lib/features/work/WorkRow.svelte';
import { formatDueNear, formatPercent, formatSpan, formatTime } from '#lib/format.ts';
import { severityTones } from '#lib/severity-words.ts';

type SectionWords = { title: () => string; hint: () => string; empty: () => string };

export const sectionWords: Record<WorkSectionName, SectionWords> = {
  review: { title: m.work_section_review, hint: m.work_hint_review, empty: m.work_empty_review },
  late: { title: m.work_section_late, hint: m.work_hint_late, empty: m.work_empty_late },
  redeliveries: {
    title: m.work_section_redeliveries,
    hint: m.work_hint_redeliveries,
    empty: m.work_empty_redeliveries,
  },
  unanswered: {
    title: m.work_section_unanswered,
    hint: m.work_hint_unanswered,
    empty: m.work_empty_unanswered,
  },
  deliver: { title: m.work_section_deliver, hint: m.work_hint_deliver, empty: m.work_empty_deliver },
  again: { title: m.work_section_again, hint: m.work_hint_again, empty: m.work_empty_again },
  transit: { title: m.work_section_transit, hint: m.work_hint_transit, empty: m.work_empty_transit },
  waiting: { title: m.work_section_waiting, hint: m.work_hint_waiting, empty: m.work_empty_waiting },
};

/** Returns the line of an empty section, which says what comes next. */
export function emptyWords({ name, next }: WorkSectionView, now: number): string {
  if (next && name === 'review') {
    return next.at === null
      ? m.work_empty_review_next({ name: next.request.name })
      : m.work_empty_review_next_at({ name: next.request.name, time: formatTime(next.at) });
  }
  if (next && next.at !== null && name === 'late') {
    return m.work_empty_late_next({ name: next.request.name, date: formatDueNear(next.at, now) });
  }
  return sectionWords[name].empty();
}

/** Returns type, assignees, round and files of the request. */
export function factsOf({ request }: WorkRequestView, section: WorkSectionName): string[] {
  const { type, assignees, round, fileCount } = request;
  const isMine = section === 'deliver' || section === 'again' || section === 'waiting';
  return [
    type?.name,
    isMine ? undefined : assignees.map(({ name }) => name).join(', ') || m.requests_nobody(),
    round > 1 || section === 'review' ? m.work_round({ round }) : undefined,
    fileCount > 0 ? m.count_files({ count: fileCount }) : m.work_no_files(),
  ].filter((fact) => fact !== undefined);
}

export function reasonNames({ redelivery }: WorkRequestView, reasons: readonly ReasonView[]): string {
  const names = (redelivery?.reasons ?? []).map(
    (code) => reasons.find((each) => each.code === code)?.name ?? code,
  );
  return names.join(', ');
}

/** Returns what the row waits for. */
export function stateOf(row: WorkRequestView, section: WorkSectionName, now: number): Cell {
  switch (section) {
    case 'review':
      return reviewState(row);
    case 'late':
      return promiseState(row, now) ?? { text: m.work_promised_none() };
    case 'redeliveries':
      return redeliveryState(row);
    case 'again':
      return againState(row);
    case 'waiting':
      return waitingState(row);
    default:
      return promiseState(row, now) ?? missingState(row);
  }
}

function reviewState({ findings, failedFiles }: WorkRequestView): Cell {
  const open = worstOpen(findings.open);
  const failed = failedFiles > 0 ? m.work_failed_files({ count: failedFiles }) : undefined;
  if (open) {
    const icon = open.severity === 'blocker' ? CircleAlert : TriangleAlert;
    return { text: open.text, tone: severityTones[open.severity], icon, detail: failed };
  }
  if (failed) return { text: failed, tone: 'warn', icon: TriangleAlert };
  return { text: m.work_no_findings(), tone: 'ok', icon: CircleCheck };
}

function promiseState({ request, promiseReason }: WorkRequestView, now: number): Cell | null {
  if (request.promisedAt === null) return null;
  return {
    text: m.work_promised({ date: formatDueNear(request.promisedAt, now) }),
    detail: promiseReason ? m.work_quote({ text: promiseReason }) : undefined,
  };
}

function redeliveryState({ arriving, findings, request }: WorkRequestView): Cell {
  const { answered: done, total } = findings;
  const detail = total > 0 ? m.work_answered({ done, total }) : undefined;
  if (arriving) {
    const percent = formatPercent(arriving.sentBytes / Math.max(1, arriving.sizeBytes));
    return { text: m.work_uploading({ percent }), tone: 'info', icon: Upload, detail };
  }
  return { text: request.fileCount > 0 ? m.work_added() : m.work_nothing_yet(), detail };
}

function againState(row: WorkRequestView): Cell {
  const { answered: done, total } = row.findings;
  if (total === 0 || done === total) return missingState(row);
  return { text: m.work_answered({ done, total }), tone: 'warn', icon: Undo };
}

function missingState({ missing, request }: WorkRequestView): Cell {
  if (missing && missing.files > 0) {
    return {
      text: m.work_missing_files({ count: missing.files }),
      detail: missing.list ? m.work_missing_list_too() : undefined,
    };
  }
  if (missing?.list) return { text: m.work_missing_list() };
  if (request.fileCount === 0) return { text: m.work_nothing_yet() };
  return {
    text: missing ? m.work_complete() : m.work_added(),
    detail: missing ? m.work_complete_hint() : undefined,
  };
}

function waitingState({ request, expectedEndAt }: WorkRequestView): Cell {
  const look = statusLooks[request.status];
  if (request.status === 'processed') {
    return { text: m.work_waiting_coordinator(), tone: look.tone, icon: look.icon };
  }
  const detail = expectedEndAt === null ? undefined : m.work_ready_at({ time: formatTime(expectedEndAt) });
  return { text: look.word(), tone: look.tone, icon: look.icon, detail };
}

/** Returns since when the row waits, and how late it is. */
export function timeOf(row: WorkRequestView, section: WorkSectionName, now: number): Cell {
  const { request, submittedAt, processedAt, redelivery } = row;
  const { dueAt } = request;
  const due = dueAt === null ? m.due_none() : m.due_on({ date: formatDueNear(dueAt, now) });
  if (section === 'review') {
    const waited =
      processedAt === null ? statusLooks.processed.word() : span(m.work_waiting_for, processedAt, now);
    return {
      text: waited,
      detail: submittedAt !== null && dueAt !== null && dueAt < now ? came(submittedAt, dueAt) : due,
    };
  }
  if (section === 'waiting' && submittedAt !== null) {
    return { text: span(m.work_submitted, submittedAt, now), detail: due };
  }
  const words = dueWords(request, now);
  const isBad = words?.tone === 'bad';
  if (section === 'redeliveries' && redelivery) {
    const asked = span(m.work_asked, redelivery.at, now);
    return isBad ? { ...late(words), detail: asked } : { text: asked, detail: due };
  }
  if (!words || dueAt === null) return { text: due };
  return { ...late(words), detail: formatDueNear(dueAt, now) };
}

function late({ text, tone }: NonNullable<ReturnType<typeof dueWords>>): Cell {
  return { text, tone, icon: tone === 'bad' ? CircleAlert : undefined };
}

/** Says how long before or after the due date it was submitted. */
function came(at: number, dueAt: number): string {
  return at <= dueAt
    ? m.work_came_before({ span: lateness(dueAt - at) })
    : m.work_came_late({ span: lateness(at - dueAt) });
}

export function span(words: (input: { span: string }) => string, at: number, now: number): string {
  return words({ span: formatSpan(Math.max(0, now - at)) });
}
