/** The life of a request as steps: done, current and ahead. */
import type { RequestStatus } from '@turnover/domain/requests/machine';

export type LifeStep = { status: RequestStatus; state: 'done' | 'current' | 'ahead' };

/** The first round starts open, later rounds in redelivery. */
export function stepsOf({ status, round }: { status: RequestStatus; round: number }): LifeStep[] {
  const beginning: RequestStatus = round > 1 ? 'redelivery' : 'open';
  const path: RequestStatus[] =
    status === 'cancelled'
      ? [beginning, 'cancelled']
      : [beginning, 'submitted', 'processing', 'processed', 'accepted'];
  const current = path.indexOf(status);
  return path.map((step, index) => ({
    status: step,
    state: index < current || status === 'accepted' ? 'done' : index === current ? 'current' : 'ahead',
  }));
}
