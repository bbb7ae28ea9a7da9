/** Named places where a test kills the process, to simulate a power cut. An entry point arms one; the others do nothing. */

export const crashpoints = [
  'upload.afterSync',
  'upload.afterOffset',
  'small.afterSync',
  'small.afterCommit',
  'finish.beforeCommit',
  'finish.afterCommit',
  'publish.beforeLink',
  'publish.afterLink',
  'publish.afterCommit',
  'submit.afterCommit',
  'job.afterClaim',
  'round.beforeCommit',
  'stage.afterRun',
  'stage.afterCommit',
  'mail.afterSend',
  'restore.afterPoint',
  'restore.afterStage',
  'restore.beforeReplace',
  'restore.afterReplace',
] as const;
export type Crashpoint = (typeof crashpoints)[number];

let armed: string | null = null;

/** Makes the process kill itself when it reaches the crashpoint of this name. */
export function armCrashpoint(name: string): void {
  armed = name;
}

export function crashpoint(name: Crashpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
