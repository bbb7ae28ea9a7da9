/** The words by which the audit log is sorted. Without schemas, because pages load them. */
export const auditAreas = [
  'sign-in',
  'people',
  'tokens',
  'shares',
  'downloads',
  'exports',
  'files',
  'requests',
  'settings',
  'account',
  'server',
] as const;
export type AuditArea = (typeof auditAreas)[number];

/** How a caller reached the hub. `page`: a form for people who are not signed in. `hub`: the hub itself acted. */
export const auditVias = ['session', 'token', 'page', 'command', 'hub'] as const;
export type AuditVia = (typeof auditVias)[number];
