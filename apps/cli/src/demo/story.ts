/** Fills a project as people do: deliveries of several types, a redelivery with findings, and work that is still open. */
import { parts } from './cast.ts';
import { type Caller, RefusedCall, until } from './client.ts';
import { checksumList, dpx, type SampleFile, ttml, wav } from './media.ts';

export type Cast = { coordinator: Caller; mixer: Caller; subtitler: Caller; artist: Caller };
type Scene = { projectId: string; companies: { sound: string; text: string; vfx: string } };

type Asked = { name: string; type: string; dueAt: number; companyId: string };

const dayMs = 24 * 3600_000;

export async function playStory(cast: Cast, scene: Scene, now: number): Promise<void> {
  await musicAccepted(cast, scene, now);
  await subtitlesProcessed(cast, scene, now);
  await mixInRedelivery(cast, scene, now);
  await framesOpen(cast, scene, now);
  await workspaceFilled(cast, scene, now);
}

async function musicAccepted({ coordinator, mixer }: Cast, { projectId, companies }: Scene, now: number) {
  const cues = [
    wav('AM_Opening_MASTER_48k_24b_mono_v1.wav', 4, 220),
    wav('AM_Harbour_MASTER_48k_24b_mono_v3.wav', 3, 330),
  ];
  const requestId = await open(coordinator, projectId, {
    name: 'Music cues, episode 202',
    type: 'Music cues',
    dueAt: now - 4 * dayMs,
    companyId: companies.sound,
  });
  await deliver(mixer, projectId, requestId, [...cues, checksumList(cues)]);
  await coordinator.mutate('requests.accept', { requestId });
}

async function subtitlesProcessed(
  { coordinator, subtitler }: Cast,
  { projectId, companies }: Scene,
  now: number,
) {
  const requestId = await open(coordinator, projectId, {
    name: 'Spanish subtitles, episode 203',
    type: 'Subtitles',
    dueAt: now + 2 * dayMs,
    companyId: companies.text,
  });
  await deliver(subtitler, projectId, requestId, [
    ttml('NL_s02e03_es-419_SUB.ttml', 'es-419', ['La luz del norte', 'no se apaga nunca.']),
    ttml('NL_s02e03_en_SUB.ttml', 'en', ['The northern light', 'never goes out.']),
  ]);
  const { name } = parts.reviewer;
  const text = `@${name} please watch it once with the picture before I accept it.`;
  await coordinator.mutate('comments.create', {
    requestId,
    text,
    mentions: [await idOf(coordinator, requestId, name)],
  });
}

async function mixInRedelivery({ coordinator, mixer }: Cast, { projectId, companies }: Scene, now: number) {
  const requestId = await open(coordinator, projectId, {
    name: 'Print master, episode 204',
    type: 'Print master',
    dueAt: now + 4 * dayMs,
    companyId: companies.sound,
  });
  const channel = (name: string, hertz: number) =>
    wav(`NL_s02e04_v07_PM_Nearfield_6ch_48k_24b_24.${name}.wav`, 2, hertz);
  const channels = ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'].map((name, index) => channel(name, 110 * (index + 2)));
  await deliver(mixer, projectId, requestId, channels);
  const { files } = await coordinator.query('requestFiles.list', { requestId });
  const fileIdOf = (name: string) =>
    files.find((file: { name: string }) => file.name.endsWith(`.${name}.wav`))?.id as string;
  const { redelivery } = await coordinator.mutate('requests.askForRedelivery', {
    requestId,
    reasons: ['audio_spec'],
    comment: 'The stereo version may follow later.',
    pins: [
      { reason: 'audio_spec', fileId: fileIdOf('LFE'), note: 'Should be 10 dB lower throughout.' },
      {
        reason: 'creative_change',
        fileId: fileIdOf('C'),
        note: 'Her last line comes in later now.',
        timecodeIn: '01:00:14:08',
        timecodeOut: '01:00:14:20',
      },
    ],
  });
  await mixer.upload({ projectId, requestId, replace: true }, channel('LFE', 55));
  const answered = redelivery.pins.find((pin: { reason: string }) => pin.reason === 'audio_spec');
  await mixer.mutate('pins.answer', { pinId: answered.id, answer: 'fixed' });
}

async function framesOpen({ coordinator, artist }: Cast, { projectId, companies }: Scene, now: number) {
  const requestId = await open(coordinator, projectId, {
    name: 'VFX shots, reel 2',
    type: 'VFX shot',
    dueAt: now + 2.5 * dayMs,
    companyId: companies.vfx,
  });
  for (const frame of [1001, 1002, 1004]) {
    await artist.upload({ projectId, requestId }, dpx('NL_204_010', 'NL_204_010_comp_v001', frame));
  }
  await open(coordinator, projectId, {
    name: 'M&E, episode 203',
    type: 'M&E',
    dueAt: now + 0.8 * dayMs,
    companyId: companies.sound,
  });
  await open(coordinator, projectId, {
    name: 'Locked cut, episode 205',
    type: 'Locked cut',
    dueAt: now + 11 * dayMs,
    companyId: companies.vfx,
  });
}

/** Fills a Workspace with a shared folder, a sequence with gaps, and an end that is near. */
async function workspaceFilled({ mixer, artist, coordinator }: Cast, { projectId }: Scene, now: number) {
  await coordinator.mutate('projects.update', { projectId, launchAt: now - 20 * dayMs });
  const { id: cues } = await mixer.mutate('workspace.createFolder', { projectId, name: 'Music cues' });
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
  await mixer.mutate('shares.create', { projectId, entryIds: [cues], people, ...terms });
  const { id: plates } = await artist.mutate('workspace.createFolder', {
    projectId,
    name: 'Plates for the mix',
  });
  await artist.upload({ projectId, folderId: plates as string }, dpx('', 'NL_204_010_plate', 1001));
  await artist.mutate('shares.create', { projectId, entryIds: [plates], people: [parts.mixer.email] });
}

async function open(coordinator: Caller, projectId: string, { name, type, dueAt, companyId }: Asked) {
  const types = (await coordinator.query('requestTypes.list', { projectId })) as {
    id: string;
    name: string;
  }[];
  const typeId = types.find((each) => each.name === type)?.id;
  const asked = { projectId, name, typeId, dueAt: Math.round(dueAt), assignees: [{ companyId }] };
  const request = await coordinator.mutate('requests.create', asked);
  return request.id as string;
}

/** Finds the id of a person by name, among those who see the request. */
async function idOf(caller: Caller, requestId: string, name: string): Promise<string> {
  const people = (await caller.query('comments.people', { requestId })) as { id: string; name: string }[];
  return people.find((person) => person.name === name)!.id;
}

async function deliver(partner: Caller, projectId: string, requestId: string, files: readonly SampleFile[]) {
  for (const file of files) await partner.upload({ projectId, requestId }, file);
  await until(() => submitted(partner, requestId));
  await until(async () => (await partner.query('requests.get', { requestId })).status === 'processed');
}

/** Submits the request. Returns false when it changed while the hub checked it; then the caller tries again. */
async function submitted(partner: Caller, requestId: string): Promise<boolean> {
  try {
    await partner.mutate('requests.submit', { requestId });
    return true;
  } catch (error) {
    if (error instanceof RefusedCall && error.code === 'conflict') return false;
    throw error;
  }
}
