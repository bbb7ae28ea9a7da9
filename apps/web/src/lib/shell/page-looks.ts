/** Icon and label of each page in the navigation. */
import Activity from '@lucide/svelte/icons/activity';
import Building2 from '@lucide/svelte/icons/building-2';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Folder from '@lucide/svelte/icons/folder';
import Inbox from '@lucide/svelte/icons/inbox';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Server from '@lucide/svelte/icons/server';
import Settings from '@lucide/svelte/icons/settings';
import Shapes from '@lucide/svelte/icons/shapes';
import Users from '@lucide/svelte/icons/users';
import * as m from '@turnover/messages/messages';
import type { Glyph } from '#lib/ui/text/icon.ts';
import type { PageName } from './shell.ts';

export const pageLooks: Record<PageName, { icon: Glyph; label: () => string }> = {
  work: { icon: ListChecks, label: m.navigation_work },
  workspace: { icon: Folder, label: m.navigation_workspace },
  deliveries: { icon: Inbox, label: m.navigation_deliveries },
  activity: { icon: Activity, label: m.navigation_activity },
  types: { icon: Shapes, label: m.navigation_types },
  people: { icon: Users, label: m.navigation_people },
  projectSettings: { icon: Settings, label: m.navigation_project_settings },
  projects: { icon: Clapperboard, label: m.navigation_projects },
  companies: { icon: Building2, label: m.navigation_companies },
  server: { icon: Server, label: m.navigation_server },
};
