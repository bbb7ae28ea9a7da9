import { topics } from '@turnover/domain/events';
import { getLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import { createClient } from '#lib/trpc.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, depends }) => {
  const projectId = params.project;
  depends(topics.requests(projectId), topics.retention(projectId), topics.uploads(), topics.reasons());
  const trpc = createClient(fetch);
  const [work, reasons] = await Promise.all([
    trpc.work.list.query({ projectId }),
    trpc.reasons.list.query({ locale: getLocale() }),
  ]);
  return { title: m.work_title(), work, reasons };
};
