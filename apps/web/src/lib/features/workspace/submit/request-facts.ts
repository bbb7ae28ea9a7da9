/** Texts of the chooser about a request. */
import * as m from '@turnover/messages/messages';
import { formatDue } from '#lib/format.ts';
import { now } from '#lib/ui/text/now.svelte.ts';
import type { Match } from './submission.svelte.ts';

/** Returns `Sound mix · due Fri 27 Nov, 18:00 · 6 of 8 files there`. */
export function factsOf({ request, expected }: Match): string {
  const { type, dueAt, fileCount } = request;
  const due = dueAt === null ? null : m.submit_due({ due: formatDue(dueAt, now()) });
  return [type?.name, due, filesThere(fileCount, expected)].filter(Boolean).join(' · ');
}

function filesThere(there: number, expected: number | null): string {
  if (there === 0) return m.submit_there_none();
  if (expected === null || there > expected) return m.submit_there({ count: there });
  return m.submit_there_of({ there, expected });
}

/** Returns the tone of the fit. `checked`: the number of files that were examined. */
export function fitTone({ fit, renamed, reason }: Match, checked: number): 'ok' | 'warn' | 'bad' {
  if (fit === checked) return 'ok';
  return fit + renamed + reason > 0 ? 'warn' : 'bad';
}
