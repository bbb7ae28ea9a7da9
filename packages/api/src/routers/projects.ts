/** Projects, their members and invitations. */
import { z } from 'zod';
import {
  createInvitation,
  listInvitations,
  revokeInvitation,
  showInvitationLink,
} from '@turnover/core/projects/invitations';
import { describeAccess } from '@turnover/core/projects/access-report';
import { addMember, listMembers, removeMember, setRole } from '@turnover/core/projects/members';
import { createProject, getProject, listProjects, updateProject } from '@turnover/core/projects/projects';
import {
  describeProjectSpace,
  limitMember,
  limitSpace,
  limitWorkspaces,
} from '@turnover/core/projects/space-limits';
import { accessReportView } from '@turnover/domain/people/access-report';
import {
  createdInvitationView,
  createInvitationInput,
  invitationIdInput,
  invitationLinkView,
  invitationView,
} from '@turnover/domain/people/invitations';
import {
  addMemberInput,
  createProjectInput,
  memberInput,
  memberView,
  projectView,
  setRoleInput,
  updateProjectInput,
} from '@turnover/domain/people/projects';
import {
  limitMemberInput,
  limitSpaceInput,
  limitWorkspacesInput,
  projectSpaceView,
} from '@turnover/domain/workspace/space-limits';
import { asOwner, onProject, signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const projectsRouter = t.router({
  list: signedIn.output(z.array(projectView)).query(({ ctx }) => listProjects(ctx.hub)),
  create: asOwner
    .input(createProjectInput)
    .output(projectView)
    .mutation(({ ctx, input }) => createProject(ctx.hub, input)),
  get: onProject('project:view')
    .output(projectView)
    .query(({ ctx }) => getProject(ctx.hub, ctx.project)),
  update: onProject('project:update')
    .input(updateProjectInput)
    .output(projectView)
    .mutation(({ ctx, input }) => updateProject(ctx.hub, ctx.project, input)),
  /** Who has access to the project and why, how they sign in, and how long its data stays. Names no files and deliveries. */
  access: onProject('member:manage')
    .output(accessReportView)
    .query(({ ctx }) => describeAccess(ctx.hub, ctx.project)),
  space: onProject('project:update')
    .output(projectSpaceView)
    .query(({ ctx }) => describeProjectSpace(ctx.hub, ctx.project)),
  /** Sets how many bytes the project may hold; null: as many as the disk. */
  limitSpace: onProject('project:limitSpace')
    .input(limitSpaceInput)
    .output(z.void())
    .mutation(({ ctx, input }) => limitSpace(ctx.hub, ctx.project, input.maxBytes)),
  /** Sets how many bytes a Workspace may hold, unless it has a limit of its own. */
  limitWorkspaces: onProject('project:update')
    .input(limitWorkspacesInput)
    .output(z.void())
    .mutation(({ ctx, input }) => limitWorkspaces(ctx.hub, ctx.project, input.maxBytes)),
});

export const membersRouter = t.router({
  list: onProject('member:view')
    .output(z.array(memberView))
    .query(({ ctx }) => listMembers(ctx.hub, ctx.project.id)),
  add: onProject('member:manage')
    .input(addMemberInput)
    .output(z.void())
    .mutation(({ ctx, input }) => addMember(ctx.hub, input)),
  setRole: onProject('member:manage')
    .input(setRoleInput)
    .output(z.void())
    .mutation(({ ctx, input }) => setRole(ctx.hub, input)),
  /** Sets how many bytes this person's Workspace may hold; null applies the limit of all Workspaces. */
  limitWorkspace: onProject('member:manage')
    .input(limitMemberInput)
    .output(z.void())
    .mutation(({ ctx, input }) => limitMember(ctx.hub, ctx.project, input)),
  remove: onProject('member:manage')
    .input(memberInput)
    .output(z.void())
    .mutation(({ ctx, input }) => removeMember(ctx.hub, input)),
});

export const invitationsRouter = t.router({
  list: onProject('member:manage')
    .output(z.array(invitationView))
    .query(({ ctx }) => listInvitations(ctx.hub, ctx.project.id)),
  create: onProject('member:manage')
    .input(createInvitationInput)
    .output(createdInvitationView)
    .mutation(({ ctx, input }) => createInvitation(ctx.hub, input)),
  showLink: onProject('member:manage')
    .input(invitationIdInput)
    .output(invitationLinkView)
    .mutation(({ ctx, input }) => showInvitationLink(ctx.hub, input)),
  revoke: onProject('member:manage')
    .input(invitationIdInput)
    .output(z.void())
    .mutation(({ ctx, input }) => revokeInvitation(ctx.hub, input)),
});
