import * as m from '@turnover/messages/messages';
import type { PageLoad } from './$types';

export const load: PageLoad = () => ({ title: m.projects_title() });
