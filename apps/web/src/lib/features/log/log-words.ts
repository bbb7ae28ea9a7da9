// The words of the log. Events keep the names that they have in the files.
import type { LogProcess, LogSeverity } from '@turnover/domain/server/log-words';
import * as m from '@turnover/messages/messages';
import type { Tone } from '#lib/ui/text/icon.ts';

export const logProcessWords: Record<LogProcess, () => string> = {
  web: m.log_process_web,
  worker: m.log_process_worker,
  supervisor: m.log_process_supervisor,
};

export const logLevelWords: Record<LogSeverity, { word: () => string; tone: Tone }> = {
  debug: { word: m.log_level_debug, tone: 'flat' },
  info: { word: m.log_level_info, tone: 'info' },
  warn: { word: m.log_level_warn, tone: 'warn' },
  error: { word: m.log_level_error, tone: 'bad' },
};
