/** The life of a request as steps: what is done, where it is, what is ahead. */
import type { RequestStatus } from '@turnover/domain/request-machine';
import type { RequestView } from '@turnover/domain/requests';
import * as m from '@turnover/messages/messages';
import type { Step } from '#lib/ui/Stepper.svelte';
import { statusLooks } from './request-words.ts';

type StepFacts = Pick<RequestView, 'status' | 'round' | 'processing'>;

export function stepsOf({ status, round, processing }: StepFacts): Step[] {
  const beginning: RequestStatus = status === 'cancelled' ? 'cancelled' : round > 1 ? 'redelivery' : 'open';
  const path: RequestStatus[] = [beginning, 'submitted', 'processing', 'processed', 'accepted'];
  const current = path.indexOf(status);
  return path.map((step, index) => ({
    label:
      step === 'processing' && status === 'processing'
        ? processingLabel(processing)
        : statusLooks[step].word(),
    icon: statusLooks[step].icon,
    state: index < current || status === 'accepted' ? 'done' : index === current ? 'current' : 'ahead',
  }));
}

function processingLabel(processing: StepFacts['processing']): string {
  if (!processing) return statusLooks.processing.word();
  return m.request_processing_of({ done: processing.done, files: processing.files });
}
