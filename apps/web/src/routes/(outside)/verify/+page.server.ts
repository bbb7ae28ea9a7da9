import { findHubKey } from '@turnover/core/hub-key';
import * as m from '@turnover/messages/messages';
import { hubOf } from '#lib/server/hub.ts';
import type { PageServerLoad } from './$types';

/** Public: returns the fingerprint of this hub's key; null before its first receipt. */
export const load: PageServerLoad = (event) => ({
  title: m.verify_title(),
  fingerprint: findHubKey(hubOf(event).ctx.db)?.fingerprint ?? null,
});
