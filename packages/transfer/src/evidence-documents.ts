// `/evidence/<project id>/<document>`: the security report of a project as CSV, for those who manage its people.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadProject, type Project } from '@turnover/core/access';
import type { PersonContext } from '@turnover/core/context';
import { writeAccessCsv, writeProtectionCsv } from '@turnover/core/projects/access-documents';
import { describeAccess, recordAccessExport } from '@turnover/core/projects/access-report';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import type { TransferHub } from './hub.ts';
import { ProtocolViolation, refuse } from './refusal.ts';
import { sendPieces } from './send-pieces.ts';

export type EvidenceHandler = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

type Asked = { ctx: PersonContext; project: Project; isEncrypted: boolean };

const documents: Record<string, (asked: Asked) => string> = {
  'access.csv': ({ ctx, project }) => writeAccessCsv(describeAccess(ctx, project)),
  'protection.csv': ({ ctx, project, isEncrypted }) =>
    writeProtectionCsv(describeAccess(ctx, project), project, { isEncrypted }),
};

export function createEvidenceHandler(hub: TransferHub): EvidenceHandler {
  return {
    async handle(request, response) {
      try {
        await answer(hub, request, response);
      } catch (error) {
        refuse(hub.ctx, request, response, error);
      }
    },
  };
}

async function answer(hub: TransferHub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new ProtocolViolation(405, 'These documents can only be read.', { Allow: 'GET, HEAD' });
  }
  const { projectId, name, write } = wantedOf(request);
  const allowed = async () => {
    const ctx = await hub.authenticate(request);
    if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
    return { ctx, project: loadProject(ctx.db, ctx.person, projectId, 'member:manage') };
  };
  const { ctx, project } = await allowed();
  const isEncrypted = hub.ownOrigins(request).some((origin) => origin.startsWith('https:'));
  const text = write({ ctx, project, isEncrypted });
  if (request.method === 'GET') recordAccessExport(ctx, project, name);
  await sendPieces(request.method, response, {
    fileName: `${project.name} ${name}`,
    type: 'text/csv; charset=utf-8',
    pieces: one(text),
    check: async () => void (await allowed()),
  });
}

async function* one(text: string) {
  yield text;
}

function wantedOf({ url = '' }: IncomingMessage) {
  const [path = ''] = url.split('?', 1);
  const [, projectId = '', name = '', ...rest] = path.slice(1).split('/');
  const write = Object.hasOwn(documents, name) ? documents[name] : undefined;
  if (!write || rest.length > 0 || !isId('project', projectId)) throw notFound();
  return { projectId, name, write };
}
