/** The QC report of a round: every file and stage, what they found, and what people found. */
import { z } from 'zod';
import { mediaKinds } from '../media/media-kinds.ts';
import { problemView } from '../media/problem-views.ts';
import { stageModes, stageStatuses } from '../media/stages.ts';
import { receiptFactsView, receiptFindingView } from './receipts.ts';

export const qcReportFormat = 'turnover-qc-report';
export const qcReportVersion = 1;
export const qcVocabulary = 'MovieLabs QC Vocabulary 1.1';

/** The files on the page of each kind: with problems and without. The files to download have all. */
export const maxQcFiles = 1000;
export const maxQcProblems = 5000;

const qcTerm = z.object({ category: z.string(), term: z.string().nullable() }).nullable();

const qcFileView = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  mediaKind: z.enum(mediaKinds),
  stages: z.array(
    z.object({
      stage: z.string(),
      mode: z.enum(stageModes),
      status: z.enum(stageStatuses),
      failure: z.string().nullable(),
      /** It failed, and only informs. */
      informs: z.boolean(),
      skipReason: z.string().nullable(),
      /** All that it found; `problems` has the first ones of each stage. */
      problems: z.number(),
    }),
  ),
  problems: z.array(problemView.extend({ qc: qcTerm })),
  /** Including those that are not in `problems`. */
  problemCount: z.number(),
});
export type QcFileView = z.infer<typeof qcFileView>;

const qcFindingView = receiptFindingView.extend({ qc: qcTerm });
export type QcFindingView = z.infer<typeof qcFindingView>;

/** How many files a stage is done with, by real work or simulated. */
const stageSum = z.object({
  stage: z.string(),
  mode: z.enum(stageModes),
  done: z.number(),
  failed: z.number(),
  skipped: z.number(),
  /** Waiting or running. */
  open: z.number(),
});

export const qcReportView = z.object({
  facts: receiptFactsView.omit({ findings: true, redelivery: true, accepted: true }),
  findings: z.array(qcFindingView),
  stages: z.array(stageSum),
  /** Of the stored problems, by severity; a failed stage is an error. */
  counts: z.object({ error: z.number(), warning: z.number(), note: z.number() }),
  /** Problems that stages counted beyond those they keep, so that their severity is not known. */
  notKept: z.number(),
  withProblems: z.object({ files: z.array(qcFileView), total: z.number() }),
  without: z.object({ files: z.array(qcFileView), total: z.number() }),
});
export type QcReportView = z.infer<typeof qcReportView>;
