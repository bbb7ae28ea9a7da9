// The words of the audit log. Actions keep the names that they have in the API, as in the exports.
import type { AuditArea, AuditVia } from '@turnover/domain/server/audit-areas';
import * as m from '@turnover/messages/messages';

export const auditAreaWords: Record<AuditArea, () => string> = {
  'sign-in': m.audit_area_sign_in,
  people: m.audit_area_people,
  tokens: m.audit_area_tokens,
  shares: m.audit_area_shares,
  downloads: m.audit_area_downloads,
  exports: m.audit_area_exports,
  files: m.audit_area_files,
  requests: m.audit_area_requests,
  settings: m.audit_area_settings,
  account: m.audit_area_account,
  server: m.audit_area_server,
};

export const auditViaWords: Record<AuditVia, () => string> = {
  session: m.audit_via_session,
  token: m.audit_via_token,
  page: m.audit_via_page,
  command: m.audit_via_command,
  hub: m.audit_via_hub,
};
