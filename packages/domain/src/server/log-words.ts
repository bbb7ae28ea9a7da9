/** The words by which the log is sorted. Without schemas, because pages load them. */

/** Each process has log files of its own. */
export const logProcesses = ['web', 'worker', 'supervisor'] as const;
export type LogProcess = (typeof logProcesses)[number];

/** From the least to the most urgent. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogSeverity = (typeof logLevels)[number];
