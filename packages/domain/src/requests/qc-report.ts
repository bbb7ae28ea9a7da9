/** The QC report of a round: every file and stage, the problems that processing found, and the findings of people. */
import { z } from 'zod';
import { mediaKinds } from '../media/media-kinds.ts';
import { problemView } from '../media/problem-views.ts';
import { entryVerdicts } from '../manifests/verdicts.ts';
import { stageText } from '../media/stage-words.ts';
import { stageModes, stageStatuses } from '../media/stages.ts';
import { reasonCodes } from './reasons.ts';
import { receiptFactsView, receiptFindingView } from './receipts.ts';

export const qcReportFormat = 'turnover-qc-report';
export const qcReportVersion = 1;
export const qcVocabulary = 'MovieLabs QC Vocabulary 1.1';

/** The most files of each kind on the page: with problems, and without. The downloadable files contain all. */
export const maxQcFiles = 1000;
export const maxQcProblems = 5000;
export const maxQcMissing = 1000;

const qcTerm = z.object({ category: z.string(), term: z.string().nullable() }).nullable();

/** What a delivered checksum list says about a file. */
const listedView = z.object({
  list: z.string(),
  verdict: z.enum(entryVerdicts),
  algorithm: z.string().nullable(),
  /** The value that the hub computed; null when it has none of this algorithm. */
  measured: z.string().nullable(),
  /** The value that the list states, or the size when that differs. */
  wanted: z.string(),
  reason: z.enum(reasonCodes).nullable(),
  qc: qcTerm,
});
export type ListedView = z.infer<typeof listedView>;

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
      /** The number of all problems of the stage; `problems` holds the first ones. */
      problems: z.number(),
    }),
  ),
  lists: z.array(listedView),
  problems: z.array(problemView.extend({ qc: qcTerm })),
  /** Number of all problems, including those that are not in `problems`. */
  problemCount: z.number(),
});
export type QcFileView = z.infer<typeof qcFileView>;

const qcFindingView = receiptFindingView.extend({ qc: qcTerm });
export type QcFindingView = z.infer<typeof qcFindingView>;

/** The number of files that a stage has completed, by real work or by a simulation. */
const stageSum = z.object({
  stage: z.string(),
  mode: z.enum(stageModes),
  done: z.number(),
  failed: z.number(),
  skipped: z.number(),
  /** Number of files for which the stage waits or runs. */
  open: z.number(),
});

const missingView = z.object({ list: z.string(), path: z.string(), reason: z.enum(reasonCodes), qc: qcTerm });
export type MissingView = z.infer<typeof missingView>;

export const qcReportView = z.object({
  facts: receiptFactsView.omit({ findings: true, redelivery: true, accepted: true }),
  findings: z.array(qcFindingView),
  /** The first files that a checksum list names and nobody delivered. */
  missing: z.array(missingView),
  stages: z.array(stageSum),
  /** The names of external stages, by stage. */
  stageNames: z.record(z.string(), stageText),
  /**
   * Number of stored problems by severity. A failed stage counts as an error, or as a warning when it only informs; so
   * do a file that differs from its list, and one that is missing.
   */
  counts: z.object({ error: z.number(), warning: z.number(), note: z.number() }),
  /** Number of problems that stages only counted, so that their severity is unknown. */
  notKept: z.number(),
  withProblems: z.object({ files: z.array(qcFileView), total: z.number() }),
  without: z.object({ files: z.array(qcFileView), total: z.number() }),
});
export type QcReportView = z.infer<typeof qcReportView>;
