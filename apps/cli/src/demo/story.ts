/** Fills a project the way people do: uploads, deliveries, a redelivery with its reason, and something still to be done. */
import { parts } from './cast.ts';
import { type Caller, until } from './client.ts';
import { checksumList, dpx, type SampleFile, ttml, wav } from './media.ts';

export type Cast = { coordinator: Caller; mixer: Caller; subtitler: Caller; artist: Caller };
type Scene = { projectId: string; companies: { sound: string; text: string; vfx: string } };

const dayMs = 24 * 3600_000;

export async function tellStory(cast: Cast, scene: Scene, now: number): Promise<void> {
  await musicAccepted(cast, scene, now);
  await subtitlesProcessed(cast, scene, now);
  await mixInRedelivery(cast, scene, now);
  await framesOpen(cast, scene, now);
  await workspaceFilled(cast, scene, now);
}

async function musicAccepted({ coordinator, mixer }: Cast, { projectId, companies }: Scene, now: number) {
  const cues = [wav('NL_s02e02_m01_48k_24b.wav', 4, 220), wav('NL_s02e02_m02_48k_24b.wav', 3, 330)];
  const request = await open(
    coordinator,
    projectId,
    'Music cues, episode 202',
    now - 4 * dayMs,
    companies.sound,
  );
  await deliver(mixer, projectId, request, [...cues, checksumList(cues)]);
  await coordinator.tell('requests.accept', { requestId: request });
}

async function subtitlesProcessed(
  { coordinator, subtitler }: Cast,
  { projectId, companies }: Scene,
  now: number,
) {
  const request = await open(
    coordinator,
    projectId,
    'Spanish subtitles, episode 203',
    now + 2 * dayMs,
    companies.text,
  );
  await deliver(subtitler, projectId, request, [
    ttml('NL_s02e03_sub_es-419.ttml', 'es-419', ['La luz del norte', 'no se apaga nunca.']),
    ttml('NL_s02e03_sub_en.ttml', 'en', ['The northern light', 'never goes out.']),
  ]);
}

async function mixInRedelivery({ coordinator, mixer }: Cast, { projectId, companies }: Scene, now: number) {
  const request = await open(
    coordinator,
    projectId,
    'Print master, episode 204',
    now + 4 * dayMs,
    companies.sound,
  );
  const channels = ['L', 'R', 'C', 'LFE', 'Ls'];
  const stems = channels.map((channel, index) =>
    wav(`NL_s02e04_v07_PM_Nearfield_6ch_48k_24b.${channel}.wav`, 2, 110 * (index + 2)),
  );
  await deliver(mixer, projectId, request, stems);
  await coordinator.tell('requests.askForRedelivery', {
    requestId: request,
    reasons: ['missing_file', 'audio_spec'],
    comment: 'The right surround is missing, and the LFE should be 10 dB lower.',
  });
  await mixer.upload(
    { projectId, requestId: request },
    wav('NL_s02e04_v08_PM_Nearfield_6ch_48k_24b.Rs.wav', 2, 770),
  );
}

async function framesOpen({ coordinator, artist }: Cast, { projectId, companies }: Scene, now: number) {
  const request = await open(coordinator, projectId, 'VFX shots, reel 2', now + 11 * dayMs, companies.vfx);
  for (const frame of [1001, 1002, 1003]) {
    await artist.upload({ projectId, requestId: request }, dpx('NL_204_010', 'NL_204_010_comp_v001', frame));
  }
  await open(coordinator, projectId, 'M&E, episode 203', now + dayMs, companies.sound);
}

/** A Workspace with something of everything: a folder that is shared, a sequence with gaps, an end that is near. */
async function workspaceFilled({ mixer, artist, coordinator }: Cast, { projectId }: Scene, now: number) {
  await coordinator.tell('projects.update', { projectId, launchAt: now - 20 * dayMs });
  const { id: cues } = await mixer.tell('workspace.createFolder', { projectId, name: 'Music cues' });
  await mixer.upload({ projectId, folderId: cues as string }, wav('NL_204_m01_opening_v02.wav', 3, 220));
  await mixer.upload({ projectId }, wav('NL_s02e04_v08_PM_Nearfield_2ch_48k_24b.wav', 5, 440));
  await mixer.upload({ projectId }, ttml('NL_s02e04_sub_es-419.ttml', 'es-419', ['Mañana', 'volvemos.']));
  for (const frame of [86_400, 86_401, 86_404]) {
    await mixer.upload({ projectId }, dpx('Reference', 'NL_s02e04_ref', frame));
  }
  const note = 'Picture is locked. Please conform the mix to v07; reel breaks are unchanged.';
  const expiresOn = new Date(now + 10 * dayMs).toISOString().slice(0, 10);
  const terms = { canShare: true, canUpdate: true, expiresOn, timeZone: 'UTC', note };
  const people = [parts.coordinator.email, parts.artist.email];
  await mixer.tell('shares.create', { projectId, entryIds: [cues], people, ...terms });
  const { id: plates } = await artist.tell('workspace.createFolder', {
    projectId,
    name: 'Plates for the mix',
  });
  await artist.upload({ projectId, folderId: plates as string }, dpx('', 'NL_204_010_plate', 1001));
  await artist.tell('shares.create', { projectId, entryIds: [plates], people: [parts.mixer.email] });
}

async function open(coordinator: Caller, projectId: string, name: string, dueAt: number, companyId: string) {
  const request = await coordinator.tell('requests.create', {
    projectId,
    name,
    dueAt,
    assignees: [{ companyId }],
  });
  return request.id as string;
}

async function deliver(partner: Caller, projectId: string, requestId: string, files: readonly SampleFile[]) {
  for (const file of files) await partner.upload({ projectId, requestId }, file);
  await partner.tell('requests.submit', { requestId });
  await until(async () => (await partner.ask('requests.get', { requestId })).status === 'processed');
}
