// `/audit/<document>`: the audit log and its newest seal, for owners of the hub. The log is written while it is sent.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeAuditCsv, writeAuditLines } from '@turnover/core/audit/export';
import { recordExport } from '@turnover/core/audit/reads';
import { newestSeal } from '@turnover/core/audit/seals';
import type { PersonContext } from '@turnover/core/context';
import { HubError, notFound } from '@turnover/domain/errors';
import { auditFilterInput, type AuditFilter } from '@turnover/domain/server/audit';
import { Admission, type AdmissionLimits } from './admission.ts';
import type { TransferHub } from './hub.ts';
import { ProtocolViolation, refuse } from './refusal.ts';
import { sendPieces } from './send-pieces.ts';

export type AuditDocumentHandler = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

type Document = {
  type: string;
  pieces(ctx: PersonContext, filter: AuditFilter): AsyncGenerator<string, void, void>;
};

const documents: Record<string, Document> = {
  'log.csv': { type: 'text/csv; charset=utf-8', pieces: writeAuditCsv },
  'log.jsonl': { type: 'application/jsonl; charset=utf-8', pieces: writeAuditLines },
  'seal.json': { type: 'application/json', pieces: writeSeal },
};

/** Throws before the first byte is sent when there is no seal yet. */
function writeSeal({ db }: PersonContext) {
  const seal = newestSeal(db);
  if (!seal) throw notFound();
  return oneText(`${JSON.stringify(seal, null, 2)}\n`);
}

async function* oneText(text: string) {
  yield text;
}

const atOnce: AdmissionLimits = { perUser: 2, total: 4 };

export function createAuditDocumentHandler(hub: TransferHub): AuditDocumentHandler {
  const admission = new Admission(atOnce);
  return {
    async handle(request, response) {
      try {
        await answer(hub, admission, request, response);
      } catch (error) {
        refuse(hub.ctx, request, response, error);
      }
    },
  };
}

async function answer(
  hub: TransferHub,
  admission: Admission,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new ProtocolViolation(405, 'These documents can only be read.', { Allow: 'GET, HEAD' });
  }
  const ctx = await hub.authenticate(request);
  if (!ctx) throw new HubError('unauthenticated', 'Sign in and continue.');
  if (!ctx.person.isOwner) throw notFound();
  const { name, document, filter } = wantedOf(request);
  const slot = await admission.enter(ctx.person.id);
  if (!slot) throw new HubError('unavailable', 'Too many downloads at once. Try again in a moment.');
  try {
    slot.run({ bytesPerSecond: Infinity, makeWay: () => void response.destroy() });
    const pieces = document.pieces(ctx, filter);
    if (request.method === 'GET') {
      recordExport(ctx, { action: 'audit.export', details: { document: name, ...filter } });
    }
    await sendPieces(request.method, response, {
      fileName: `turnover audit ${name}`,
      type: document.type,
      pieces,
      async check() {
        const now = await hub.authenticate(request);
        if (!now?.person.isOwner) throw notFound();
      },
    });
  } finally {
    slot.leave();
  }
}

function wantedOf(request: IncomingMessage): { name: string; document: Document; filter: AuditFilter } {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://hub');
  const name = pathname.slice('/audit/'.length);
  const document = Object.hasOwn(documents, name) ? documents[name] : undefined;
  if (!document) throw notFound();
  const { from, to, ...texts } = Object.fromEntries([...searchParams].filter(([, value]) => value !== ''));
  const filter = auditFilterInput.safeParse({
    ...texts,
    ...(from !== undefined && { from: Number(from) }),
    ...(to !== undefined && { to: Number(to) }),
  });
  if (filter.success) return { name, document, filter: filter.data };
  const [issue] = filter.error.issues;
  throw new HubError('invalid_input', `${issue?.path.join('.')}: ${issue?.message}`);
}
