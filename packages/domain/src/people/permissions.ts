/** Permissions: the grants of each role as a table, and `decide`, which every permission check uses. */
import { roles, type Role } from './projects.ts';

export const permissions = [
  'project:view',
  'project:update',
  'project:limitSpace',
  'member:view',
  'member:manage',
  'workspace:use',
  'type:view',
  'type:manage',
  'request:view',
  'request:create',
  'request:update',
  'request:assign',
  'request:submit',
  'request:accept',
  'request:reopen',
  'request:askForRedelivery',
  'request:cancel',
  'request:promise',
  'request:remind',
  'request:comment',
  'request:answer',
  'request:check',
  'request:receipt',
  'file:view',
  'file:download',
  'file:add',
  'file:rename',
  'file:remove',
  'file:clear',
  'file:process',
] as const;
export type Permission = (typeof permissions)[number];

/**
 * How far a grant reaches. `any`: the whole project. `assigned`: requests assigned to the person or their company. `own`: in
 * those requests, only the files that the person delivered.
 */
export type Reach = 'any' | 'assigned' | 'own';

const everyMember = { 'project:view': 'any' } as const;

const grants: Record<Role, Partial<Record<Permission, Reach>>> = {
  coordinator: {
    ...everyMember,
    'project:update': 'any',
    'member:view': 'any',
    'member:manage': 'any',
    'workspace:use': 'any',
    'type:view': 'any',
    'type:manage': 'any',
    'request:view': 'any',
    'request:create': 'any',
    'request:update': 'any',
    'request:assign': 'any',
    'request:submit': 'any',
    'request:accept': 'any',
    'request:reopen': 'any',
    'request:askForRedelivery': 'any',
    'request:cancel': 'any',
    'request:promise': 'any',
    'request:remind': 'any',
    'request:comment': 'any',
    'request:answer': 'any',
    'request:check': 'any',
    'request:receipt': 'any',
    'file:view': 'any',
    'file:download': 'any',
    'file:add': 'any',
    'file:rename': 'any',
    'file:remove': 'any',
    'file:clear': 'any',
    'file:process': 'any',
  },
  partner: {
    ...everyMember,
    'workspace:use': 'any',
    'type:view': 'any',
    'request:view': 'assigned',
    'request:submit': 'assigned',
    'request:askForRedelivery': 'assigned',
    'request:promise': 'assigned',
    'request:comment': 'assigned',
    'request:answer': 'assigned',
    'request:receipt': 'assigned',
    'file:view': 'assigned',
    'file:download': 'assigned',
    'file:add': 'assigned',
    'file:rename': 'assigned',
    'file:remove': 'assigned',
    'file:clear': 'assigned',
  },
  uploader: {
    ...everyMember,
    'workspace:use': 'any',
    'type:view': 'any',
    'request:view': 'assigned',
    'request:submit': 'assigned',
    'request:askForRedelivery': 'assigned',
    'request:promise': 'assigned',
    'request:comment': 'assigned',
    'request:answer': 'assigned',
    'file:view': 'own',
    'file:add': 'assigned',
    'file:rename': 'own',
  },
  reviewer: {
    ...everyMember,
    'type:view': 'any',
    'request:view': 'any',
    'request:accept': 'any',
    'request:comment': 'any',
    'request:check': 'any',
    'request:receipt': 'any',
    'file:view': 'any',
    'file:download': 'any',
  },
  workspace: { ...everyMember, 'workspace:use': 'any' },
};

/**
 * Permissions that an owner of the hub has in every project without being a member: managing people and disk space, but
 * not seeing content.
 */
export const ownerGrants: readonly Permission[] = [
  'project:view',
  'project:update',
  'project:limitSpace',
  'member:view',
  'member:manage',
];

/** The relation of a person to a project, request or file. */
export type Relation = {
  role: Role | null;
  isOwner: boolean;
  /** The request is assigned to the person or to their company. Undefined when the check is about a project. */
  assigned?: boolean;
  /** The person delivered the file. Undefined when the check is about the request as a whole. */
  deliveredIt?: boolean;
};

/**
 * `forbidden`: the person may see the thing, but not do this (error `forbidden`). `hidden`: the person may not know that the
 * thing exists (error `not_found`).
 */
export type Verdict = 'granted' | 'forbidden' | 'hidden';

/** Decides whether a person with this relation has the permission. */
export function decide(permission: Permission, relation: Relation): Verdict {
  if (reaches(permission, relation)) return 'granted';
  return isVisible(permission, relation) ? 'forbidden' : 'hidden';
}

/** Returns true when the role has the permission with any reach. For pages and navigation. */
export function roleGrants(role: Role | null, isOwner: boolean, permission: Permission): boolean {
  return (
    (role !== null && reachOf(role, permission) !== null) || (isOwner && ownerGrants.includes(permission))
  );
}

/** Returns how far the role's permission reaches; null when the role does not have it. */
export function reachOf(role: Role, permission: Permission): Reach | null {
  return grants[role][permission] ?? null;
}

/** Returns the roles that have the permission with one of these reaches, or with any reach when none is given. */
export function rolesReaching(permission: Permission, ...reaches: readonly Reach[]): Role[] {
  return roles.filter((role) => {
    const reach = reachOf(role, permission);
    return reach !== null && (reaches.length === 0 || reaches.includes(reach));
  });
}

function reaches(permission: Permission, relation: Relation): boolean {
  if (relation.isOwner && ownerGrants.includes(permission)) return true;
  if (relation.role === null) return false;
  const reach = reachOf(relation.role, permission);
  if (reach === null) return false;
  if (reach === 'any') return true;
  if (relation.assigned !== true) return false;
  return reach === 'assigned' || relation.deliveredIt === true;
}

/** Returns true when the person may know that the thing exists. Decides between `forbidden` and `hidden`. */
function isVisible(permission: Permission, relation: Relation): boolean {
  const noun = permission.split(':')[0];
  if (noun === 'request') {
    // Creating requests, and acting on several, are permissions on the project.
    const isOfProject = permission === 'request:create' || relation.assigned === undefined;
    return isOfProject ? isMember(relation) : reaches('request:view', relation);
  }
  if (noun === 'file') {
    const asksOfRequest = permission === 'file:add' || relation.deliveredIt === undefined;
    return reaches(asksOfRequest ? 'request:view' : 'file:view', relation);
  }
  return isMember(relation);
}

function isMember(relation: Relation): boolean {
  return relation.role !== null || relation.isOwner;
}
