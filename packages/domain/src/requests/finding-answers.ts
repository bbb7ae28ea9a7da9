/** The answers that the partner can give to a finding. */
export const findingAnswers = ['fixed', 'creative_intent', 'best_possible'] as const;
export type FindingAnswer = (typeof findingAnswers)[number];
