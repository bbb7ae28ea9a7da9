// `/rounds/<request id>/<number>/<document>`: lists and receipts of a submitted round, written while they are sent.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadRequest } from '@turnover/core/access';
import { recordExport } from '@turnover/core/audit/reads';
import type { PersonContext } from '@turnover/core/context';
import { writeAscMhlZip } from '@turnover/core/requests/receipts/asc-mhl-history';
import { requireChecksums, writeChecksumLines, writeLegacyMhl } from '@turnover/core/requests/receipts/lists';
import { writeQcCsv, writeQcJson } from '@turnover/core/requests/receipts/qc-report';
import { writeReceipt } from '@turnover/core/requests/receipts/receipt';
import { loadSubmittedRound } from '@turnover/core/requests/receipts/round-files';
import { HubError, notFound } from '@turnover/domain/errors';
import { isId } from '@turnover/domain/ids';
import { legacyMhlAlgorithms } from '@turnover/domain/manifests/writing/legacy-mhl';
import { Admission, type AdmissionLimits } from './admission.ts';
import type { TransferHub } from './hub.ts';
import { ProtocolViolation, refuse } from './refusal.ts';
import { sendPieces } from './send-pieces.ts';

export type RoundDocumentHandler = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

type Place = { ctx: PersonContext; requestId: string; number: number };
type Document = {
  /** Suffix of the file name, after the names of the request and round. */
  suffix: string;
  type: string;
  pieces(place: Place): AsyncGenerator<string | Uint8Array, void, void>;
};

const xml = 'application/xml; charset=utf-8';
const text = 'text/plain; charset=utf-8';

/** Throws before the first piece when the document cannot be written. */
const documents: Record<string, Document> = {
  'checksum.txt': {
    suffix: 'checksum-xxh128.txt',
    type: text,
    pieces: (place) => writeChecksumLines(place.ctx, roundOf(place, ['xxh128']), 'xxh128'),
  },
  'checksum-md5.txt': {
    suffix: 'checksum-md5.txt',
    type: text,
    pieces: (place) => writeChecksumLines(place.ctx, roundOf(place, ['md5']), 'md5'),
  },
  'checksum.mhl': {
    suffix: 'checksum.mhl',
    type: xml,
    pieces: (place) => writeLegacyMhl(place.ctx, roundOf(place, legacyMhlAlgorithms)),
  },
  'ascmhl.zip': {
    suffix: 'ascmhl.zip',
    type: 'application/zip',
    pieces(place) {
      const { number } = roundOf(place, ['xxh128']);
      return writeAscMhlZip(place.ctx, requestOf(place), number);
    },
  },
  'receipt.json': {
    suffix: 'receipt.json',
    type: 'application/json',
    pieces: (place) => writeReceipt(place.ctx, requestOf(place), roundOf(place)),
  },
  'qc-report.json': {
    suffix: 'qc-report.json',
    type: 'application/json',
    pieces: (place) => writeQcJson(place.ctx, requestOf(place), roundOf(place)),
  },
  'qc-report.csv': {
    suffix: 'qc-report.csv',
    type: 'text/csv; charset=utf-8',
    pieces: (place) => writeQcCsv(place.ctx, requestOf(place), roundOf(place)),
  },
};

const atOnce: AdmissionLimits = { perUser: 2, total: 8 };

export function createRoundDocumentHandler(hub: TransferHub): RoundDocumentHandler {
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
  const { document, requestId, number } = partsOf(request);
  const place: Place = { ctx, requestId, number };
  const { name, projectId } = requestOf(place);
  const slot = await admission.enter(ctx.person.id);
  if (!slot) throw new HubError('unavailable', 'Too many downloads at once. Try again in a moment.');
  try {
    slot.run({ bytesPerSecond: Infinity, makeWay: () => void response.destroy() });
    const pieces = document.pieces(place);
    if (request.method === 'GET') {
      const details = { round: number, document: document.suffix };
      recordExport(ctx, { action: 'exports.round', projectId, subject: requestId, details });
    }
    await sendPieces(request.method, response, {
      fileName: `${name} round ${number} ${document.suffix}`,
      type: document.type,
      pieces,
      async check() {
        const now = await hub.authenticate(request);
        if (!now) throw notFound();
        requestOf({ ...place, ctx: now });
      },
    });
  } finally {
    slot.leave();
  }
}

function partsOf(request: IncomingMessage): { document: Document; requestId: string; number: number } {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const [, requestId = '', number = '', name = '', ...rest] = path.slice(1).split('/');
  const document = Object.hasOwn(documents, name) ? documents[name] : undefined;
  if (!document || rest.length > 0 || !isId('request', requestId) || !/^[1-9]\d{0,8}$/.test(number)) {
    throw notFound();
  }
  return { document, requestId, number: Number(number) };
}

/** Lets everybody pass who may see the whole round. People who see only their own files get `forbidden`. */
function requestOf({ ctx, requestId }: Place) {
  return loadRequest(ctx.db, ctx.person, requestId, 'request:receipt');
}

function roundOf(place: Place, algorithms: readonly string[] = []) {
  const round = loadSubmittedRound(place.ctx.db, requestOf(place), place.number);
  if (algorithms.length > 0) requireChecksums(place.ctx.db, round, algorithms);
  return round;
}
