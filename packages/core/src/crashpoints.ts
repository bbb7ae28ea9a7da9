/** Named places where a test may kill the process, as a power cut would. Armed by an entry point, inert otherwise. */

export const crashpoints = [
  'upload.afterSync',
  'upload.afterOffset',
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
] as const;
export type Crashpoint = (typeof crashpoints)[number];

let armed: string | null = null;

export function armCrashpoint(name: string): void {
  armed = name;
}

export function crashpoint(name: Crashpoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
}
