/** The names of the project roles, and their descriptions. */
import type { Role } from '@turnover/domain/people/projects';
import * as m from '@turnover/messages/messages';

export const roleWords: Record<Role, { name: () => string; text: () => string }> = {
  coordinator: { name: m.role_coordinator, text: m.role_coordinator_text },
  partner: { name: m.role_partner, text: m.role_partner_text },
  uploader: { name: m.role_uploader, text: m.role_uploader_text },
  reviewer: { name: m.role_reviewer, text: m.role_reviewer_text },
  workspace: { name: m.role_workspace, text: m.role_workspace_text },
};
