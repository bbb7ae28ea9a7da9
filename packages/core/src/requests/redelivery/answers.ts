/** Answers to findings. Each submitted round keeps the answer that it was submitted with. */
import { and, desc, lte } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import type { reasonFindings } from '@turnover/db/schema/reasons';
import { earlierAnswers } from '@turnover/db/schema/reasons';
import type { FindingAnswer } from '@turnover/domain/requests/finding-answers';
import { inList } from '../../in-list.ts';

type Finding = typeof reasonFindings.$inferSelect;
type Answered = { is: FindingAnswer; comment: string; by: string; at: number; round: number };

/** The answer to each finding, as submitted with this round, or as given so far if the round is not submitted. */
export function answersIn(
  db: Reader,
  findings: readonly Finding[],
  round: number,
): Map<string, Answered | null> {
  const later = findings.filter(({ answeredRound }) => answeredRound !== null && answeredRound > round);
  const rows = db
    .select()
    .from(earlierAnswers)
    .where(
      and(
        inList(
          earlierAnswers.findingId,
          later.map(({ id }) => id),
        ),
        lte(earlierAnswers.round, round),
      ),
    )
    .orderBy(desc(earlierAnswers.round))
    .all();
  return new Map(
    findings.map((finding): [string, Answered | null] => {
      if (!later.includes(finding)) {
        const { answer, answerComment: comment, answeredBy, answeredAt, answeredRound } = finding;
        return [finding.id, answered({ answer, comment, answeredBy, answeredAt, round: answeredRound })];
      }
      const earlier = rows.find(({ findingId }) => findingId === finding.id);
      return [finding.id, earlier ? answered(earlier) : null];
    }),
  );
}

/** The present answer; null when there is none or it was withdrawn. */
function answered({
  answer: is,
  comment,
  answeredBy: by,
  answeredAt: at,
  round,
}: Pick<Finding, 'answer' | 'answeredBy' | 'answeredAt'> & {
  comment: string;
  round: number | null;
}): Answered | null {
  return is && by && at !== null && round !== null ? { is, comment, by, at, round } : null;
}

/** Stores the present answer with the earlier round that was submitted with it, before it changes. */
export function keepAnswer(
  tx: Transaction,
  { id, answer, answerComment, answeredBy, answeredAt, answeredRound }: Finding,
  round: number,
): void {
  if (answeredRound === null || answeredRound >= round) return;
  tx.insert(earlierAnswers)
    .values({ findingId: id, round: answeredRound, answer, comment: answerComment, answeredBy, answeredAt })
    .run();
}
