/**
 * The receipt of a round as its page shows it. The downloaded file states the same facts
 * (`core/src/requests/receipts/receipt.ts`).
 */
import { z } from 'zod';
import { folderVerdict } from '../manifests/list-history.ts';
import { roundStages } from '../media/stage-choice.ts';
import { problemView } from '../media/problem-views.ts';
import { stageText } from '../media/stage-words.ts';
import { frameRates } from '../media/timecodes.ts';
import { findingAnswers } from './finding-answers.ts';

const who = z.object({ name: z.string(), company: z.string().nullable() }).nullable();

/** The most files on the page; `receipt.json` lists all. */
export const maxReceiptFiles = 2000;
/** The most problems of one file on the page; `receipt.json` and the QC report list all. */
export const maxReceiptProblems = 20;

export const receiptFindingView = z.object({
  /** The round in which the finding was reported. */
  round: z.number(),
  reason: z.string(),
  /** Null when the finding is about the delivery as a whole. */
  path: z.string().nullable(),
  timecodeIn: z.string().nullable(),
  timecodeOut: z.string().nullable(),
  frameRate: z.enum(frameRates).nullable(),
  note: z.string(),
  by: who,
  at: z.string(),
  answer: z.object({ is: z.enum(findingAnswers), comment: z.string() }).nullable(),
  resolved: z.object({ round: z.number() }).nullable(),
});

export const receiptFactsView = z.object({
  project: z.object({ name: z.string() }).nullable(),
  request: z.object({ id: z.string(), name: z.string() }),
  round: z.object({
    number: z.number(),
    submittedAt: z.string(),
    submittedBy: who,
    processedAt: z.string().nullable(),
    filesFailed: z.number(),
    /** The stages that the round asked for; null when unknown. */
    stages: roundStages.nullable(),
  }),
  totals: z.object({ files: z.number(), sizeBytes: z.number() }),
  /** The delivered checksum lists. */
  lists: z.array(
    z.object({
      path: z.string(),
      /** The number of files that it names and nobody delivered. */
      missing: z.number(),
      folders: folderVerdict.optional(),
    }),
  ),
  overrides: z.array(
    z.object({
      rule: z.string(),
      path: z.string().nullable(),
      reason: z.string(),
      by: who,
      at: z.string(),
    }),
  ),
  findings: z.array(receiptFindingView),
  redelivery: z.object({ at: z.string(), by: who, comment: z.string() }).nullable(),
  accepted: z.object({ at: z.string(), by: who }).nullable(),
});

export const receiptView = z.object({
  facts: receiptFactsView,
  /** The names of external stages, by stage. */
  stageNames: z.record(z.string(), stageText),
  files: z.array(
    z.object({
      path: z.string(),
      sizeBytes: z.number(),
      hashes: z.array(z.object({ algorithm: z.string(), value: z.string() })),
      deliveredBy: who,
      deliveredAt: z.string(),
      checks: z.array(z.string()),
      /** The first `maxReceiptProblems`. */
      problems: z.array(problemView),
      problemCount: z.number(),
    }),
  ),
  seal: z.object({ sha256: z.string(), fingerprint: z.string().nullable() }),
});
