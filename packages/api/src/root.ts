/** Every procedure of the hub, by noun. */
import { accountRouter } from './routers/account.ts';
import { liveRouter } from './routers/live.ts';
import { companiesRouter, usersRouter } from './routers/people.ts';
import { notificationsRouter } from './routers/notifications.ts';
import { invitationsRouter, membersRouter, projectsRouter } from './routers/projects.ts';
import { reasonsRouter } from './routers/reasons.ts';
import { requestFilesRouter } from './routers/request-files.ts';
import { requestsRouter } from './routers/requests.ts';
import { retentionRouter } from './routers/retention.ts';
import { serverRouter } from './routers/server.ts';
import { sharesRouter } from './routers/shares.ts';
import { tokensRouter } from './routers/tokens.ts';
import { uploadsRouter } from './routers/uploads.ts';
import { workspaceRouter } from './routers/workspace.ts';
import { t } from './trpc.ts';

export const appRouter = t.router({
  account: accountRouter,
  companies: companiesRouter,
  invitations: invitationsRouter,
  live: liveRouter,
  members: membersRouter,
  notifications: notificationsRouter,
  projects: projectsRouter,
  reasons: reasonsRouter,
  requestFiles: requestFilesRouter,
  requests: requestsRouter,
  retention: retentionRouter,
  server: serverRouter,
  shares: sharesRouter,
  tokens: tokensRouter,
  uploads: uploadsRouter,
  users: usersRouter,
  workspace: workspaceRouter,
});

export type AppRouter = typeof appRouter;
