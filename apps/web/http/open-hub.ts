// Creates the hub of this process for the pages and mounts.
import type { IncomingMessage } from 'node:http';
import { backupsOf, limitsOf, oidcOf, type Config } from '@turnover/config/config';
import type { LoadedSettings } from '@turnover/config/load-settings';
import { authenticate, authenticateHeld } from '@turnover/core/people/sign-in';
import type { Context, Log, Oidc } from '@turnover/core/context';
import { logsFolder } from '@turnover/core/log-files';
import { ensureOwner } from '@turnover/core/people/links';
import { openOidcProvider } from '@turnover/core/oidc/provider';
import { idsFrom } from '@turnover/core/ids';
import { provideStarterTypes } from '@turnover/core/requests/types';
import { openLocalStorage } from '@turnover/core/storage';
import { databasePath } from '@turnover/db/data-folder';
import { watchCommits } from '@turnover/db/watch';
import type { WebSources } from '@turnover/metrics/web';
import { inspectOutsideStages } from '@turnover/processing/outside/inspect';
import { createAuditDocumentHandler } from '@turnover/transfer/audit-documents';
import { createDownloadHandler, downloadsAtOnce, type DownloadHandler } from '@turnover/transfer/download';
import { createEvidenceHandler } from '@turnover/transfer/evidence-documents';
import { defaultPace } from '@turnover/transfer/guards';
import { createRoundDocumentHandler } from '@turnover/transfer/round-documents';
import type { TransferHub } from '@turnover/transfer/hub';
import { createUploadHandler, uploadsAtOnce, type UploadHandler } from '@turnover/transfer/upload-server';
import type { Hub } from '../src/lib/server/hub.ts';
import { vaultFor } from './hand-off.ts';
import { answerHealth, healthReader, partsOf, type HealthReader } from './health.ts';
import { keepSpace } from './keep-space.ts';
import { keepSupervisorLines, openLog } from './open-log.ts';
import { openDataFolder, type OpenDataFolder } from './open-data-folder.ts';
import type { Mount } from './mounts.ts';
import { originOf, readTrustedProxies, type OriginSettings } from './origin.ts';
import { credentialsOf } from './credentials.ts';
import { UntrustedProxies } from './untrusted-proxies.ts';

export type OpenHub = {
  hub: Hub;
  mounts: Mount[];
  origin: OriginSettings;
  untrustedProxies: UntrustedProxies;
  metricSources: WebSources;
  /** Path of the one-time link that creates the first owner; null when an owner exists. */
  setupPath: string | null;
  /** Ends running requests with an answer that makes clients retry, then closes the database. */
  close(): Promise<void>;
};

/** `pause`: see the context. */
export async function openHub({ config, inForce }: LoadedSettings, pause?: () => void): Promise<OpenHub> {
  await inspectOutsideStages(config.stageModules);
  const folder = openDataFolder(config);
  const { db, lock, endedAccess } = folder;
  const log = openLog(config);
  if (pause) keepSupervisorLines(config);
  if (endedAccess) log('warn', 'hub.restored', { ended: endedAccess });
  const untrustedProxies = new UntrustedProxies(log);
  const ctx = {
    ...(await createContext(config, folder, log)),
    untrustedProxies: untrustedProxies.addresses,
    logs: logsFolder(config.dataFolder),
    pause,
    settings: inForce.map(({ name, source, isSecret, text = null }) => ({ name, source, isSecret, text })),
  };
  const origin = { publicUrl: config.publicUrl, trustedProxies: readTrustedProxies(config.trustedProxies) };
  const space = await keepSpace(folder.reserve, log);
  const setupPath = await ensureOwner(ctx, config.owner ?? null);
  const { onCommit, close: closeWatch } = createWakeUps(databasePath(config.dataFolder));
  const hub: Hub = {
    ctx,
    publicUrl: config.publicUrl,
    onCommit,
    authenticate: (credentials) => authenticate(ctx, credentials),
    authenticateHeld: (credentials) => authenticateHeld(ctx, credentials),
  };
  const transfer = createTransferHub(hub, origin);
  const uploads = createUploadHandler(transfer, {
    pace: { ...defaultPace, minimumBytesPerSecond: config.minimumRate },
    atOnce: { ...uploadsAtOnce, perUser: config.personUploads },
  });
  const downloads = createDownloadHandler(transfer, {
    vaultOf: vaultFor(config.nginxVault, origin),
    atOnce: { ...downloadsAtOnce, perUser: config.personDownloads },
  });
  await uploads.boot();
  provideStarterTypes(ctx);
  const health = healthReader(ctx, config.dataFolder, folder);
  return {
    hub,
    mounts: createMounts(health, transfer, uploads, downloads),
    origin,
    untrustedProxies,
    metricSources: {
      ctx,
      parts: async () => partsOf(await health()),
      receivedBytes: () => uploads.receivedBytes(),
      sentBytes: () => downloads.sentBytes(),
    },
    setupPath,
    async close() {
      await uploads.shutdown();
      space.stop();
      closeWatch();
      db.$client.close();
      lock.release();
    },
  };
}

async function createContext(
  config: Config,
  { db, hubId, reserve }: OpenDataFolder,
  log: Log,
): Promise<Context> {
  return {
    db,
    clock: Date.now,
    newId: idsFrom(Date.now),
    storage: await openLocalStorage(config.dataFolder, { hubId, reserve }),
    limits: limitsOf(config),
    backups: backupsOf(config),
    mail: { configured: config.smtpUrl !== undefined },
    oidc: openOidc(config, log),
    log,
  };
}

/** Asks the provider nothing: the hub starts while it is down. */
function openOidc(config: Config, log: Log): Oidc | undefined {
  const settings = oidcOf(config);
  return settings && { settings, provider: openOidcProvider(settings, Date.now, log) };
}

function createWakeUps(path: string): { onCommit: Hub['onCommit']; close: () => void } {
  const listeners = new Set<() => void>();
  const watch = watchCommits(path, () => {
    for (const listener of [...listeners]) listener();
  });
  return {
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => watch.close(),
  };
}

function createTransferHub(hub: Hub, settings: OriginSettings): TransferHub {
  const origin = (request: IncomingMessage) => originOf(request, settings);
  return {
    ctx: hub.ctx,
    async authenticate(request) {
      const from = origin(request);
      const found = await hub.authenticate(credentialsOf(request, from?.protocol === 'https'));
      if (!found) return null;
      const caller = { via: found.via, viaId: found.tokenId ?? null, address: from?.address || null };
      return { ...hub.ctx, person: found.person, caller };
    },
    ownOrigins(request) {
      const own = origin(request);
      return own ? [`${own.protocol}://${own.host}`] : [];
    },
  };
}

function createMounts(
  health: HealthReader,
  transfer: TransferHub,
  uploads: UploadHandler,
  downloads: DownloadHandler,
): Mount[] {
  const documents = createRoundDocumentHandler(transfer);
  const audit = createAuditDocumentHandler(transfer);
  const evidence = createEvidenceHandler(transfer);
  return [
    {
      prefix: '/uploads',
      takesBodies: true,
      handle: (request, response) => uploads.handle(request, response),
    },
    { prefix: '/files', handle: (request, response) => downloads.handle(request, response) },
    { prefix: '/audit', handle: (request, response) => audit.handle(request, response) },
    { prefix: '/evidence', handle: (request, response) => evidence.handle(request, response) },
    { prefix: '/rounds', handle: (request, response) => documents.handle(request, response) },
    { prefix: '/healthz', handle: (_request, response) => answerHealth(health, response) },
  ];
}
