/** The root router: every procedure of the hub, grouped by noun. */
import { accountRouter } from './routers/account.ts';
import { liveRouter } from './routers/live.ts';
import { activityRouter } from './routers/activity.ts';
import { backupsRouter } from './routers/backups.ts';
import { commentsRouter } from './routers/comments.ts';
import { companiesRouter, usersRouter } from './routers/people.ts';
import { manifestsRouter } from './routers/manifests.ts';
import { notificationsRouter } from './routers/notifications.ts';
import { identitiesRouter } from './routers/identities.ts';
import { invitationsRouter, membersRouter, projectsRouter } from './routers/projects.ts';
import { findingsRouter } from './routers/findings.ts';
import { passkeysRouter } from './routers/passkeys.ts';
import { reasonsRouter } from './routers/reasons.ts';
import { requestFilesRouter } from './routers/request-files.ts';
import { requestTypesRouter } from './routers/request-types.ts';
import { requestsRouter } from './routers/requests.ts';
import { retentionRouter } from './routers/retention.ts';
import { roundsRouter } from './routers/rounds.ts';
import { savedViewsRouter } from './routers/saved-views.ts';
import { serverRouter } from './routers/server.ts';
import { secondFactorRouter } from './routers/second-factor.ts';
import { signInsRouter } from './routers/sign-ins.ts';
import { sharesRouter } from './routers/shares.ts';
import { tokensRouter } from './routers/tokens.ts';
import { uploadsRouter } from './routers/uploads.ts';
import { workspaceRouter } from './routers/workspace.ts';
import { workRouter } from './routers/work.ts';
import { auditRouter } from './routers/audit.ts';
import { declareInputs } from './audited-calls.ts';
import { t } from './trpc.ts';

export const appRouter = t.router({
  account: accountRouter,
  activity: activityRouter,
  audit: auditRouter,
  backups: backupsRouter,
  comments: commentsRouter,
  companies: companiesRouter,
  identities: identitiesRouter,
  invitations: invitationsRouter,
  live: liveRouter,
  manifests: manifestsRouter,
  members: membersRouter,
  notifications: notificationsRouter,
  passkeys: passkeysRouter,
  pins: findingsRouter,
  projects: projectsRouter,
  reasons: reasonsRouter,
  requestFiles: requestFilesRouter,
  requestTypes: requestTypesRouter,
  requests: requestsRouter,
  retention: retentionRouter,
  rounds: roundsRouter,
  savedViews: savedViewsRouter,
  secondFactor: secondFactorRouter,
  server: serverRouter,
  shares: sharesRouter,
  signIns: signInsRouter,
  tokens: tokensRouter,
  uploads: uploadsRouter,
  users: usersRouter,
  work: workRouter,
  workspace: workspaceRouter,
});

declareInputs(appRouter._def.procedures);

export type AppRouter = typeof appRouter;
