/** Rounds of a request and their comparison. */
import { viewQcReport } from '@turnover/core/requests/receipts/qc-report';
import { viewReceipt } from '@turnover/core/requests/receipts/receipt';
import { loadSubmittedRound } from '@turnover/core/requests/receipts/round-files';
import { computeChecksums } from '@turnover/core/requests/receipts/wanted-checksums';
import { compare, listRounds, viewRound } from '@turnover/core/requests/rounds';
import {
  compareRoundsInput,
  computeChecksumsInput,
  computingView,
  getRoundInput,
  roundDetailsView,
  roundListView,
  roundsComparisonView,
} from '@turnover/domain/requests/rounds';
import { qcReportView } from '@turnover/domain/requests/qc-report';
import { maxReceiptFiles, receiptView } from '@turnover/domain/requests/receipts';
import { onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const roundsRouter = t.router({
  list: onRequest('request:view')
    .output(roundListView)
    .query(({ ctx }) => listRounds(ctx.hub, ctx.request)),
  get: onRequest('request:view')
    .input(getRoundInput)
    .output(roundDetailsView)
    .query(({ ctx, input }) => viewRound(ctx.hub, ctx.request, input.number)),
  compare: onRequest('request:view')
    .input(compareRoundsInput)
    .output(roundsComparisonView)
    .query(({ ctx, input }) => compare(ctx.hub, ctx.request, input)),
  /**
   * Computes further checksums for every file of a round, for lists of other tools. `rounds.get` shows which are being
   * computed. For people who may see the whole round.
   */
  computeChecksums: onRequest('request:receipt')
    .input(computeChecksumsInput)
    .output(computingView)
    .mutation(({ ctx, input }) => ({ computing: computeChecksums(ctx.hub, ctx.request, input) })),
  /** The sealed receipt of a round, for people who may see the whole round. */
  receipt: onRequest('request:receipt')
    .input(getRoundInput)
    .output(receiptView)
    .query(({ ctx, input }) => {
      const round = loadSubmittedRound(ctx.hub.db, ctx.request, input.number);
      return viewReceipt(ctx.hub, ctx.request, round, maxReceiptFiles);
    }),
  /** The QC report of a round: what stages and people found. For people who may see the whole round. */
  qcReport: onRequest('request:receipt')
    .input(getRoundInput)
    .output(qcReportView)
    .query(({ ctx, input }) => {
      const round = loadSubmittedRound(ctx.hub.db, ctx.request, input.number);
      return viewQcReport(ctx.hub, ctx.request, round);
    }),
});
