import { describe, expect, test } from 'vitest';
import {
  decide,
  ownerGrants,
  permissions,
  reachOf,
  roleGrants,
  type Permission,
  type Verdict,
} from './permissions.ts';
import { roles, type Role } from './projects.ts';

/**
 * One row for each permission, one letter for each role (coordinator, partner, uploader, reviewer, workspace):
 * `+` granted · `a` only in requests assigned · `o` only their own files of those · `-` forbidden · `.` does not exist.
 */
const table: Record<Permission, string> = {
  'project:view': '+++++',
  'project:update': '+----',
  'project:limitSpace': '-----',
  'member:view': '+----',
  'member:manage': '+----',
  'workspace:use': '+++-+',
  'type:view': '++++-',
  'type:manage': '+----',
  'request:view': '+aa+.',
  'request:create': '+----',
  'request:update': '+---.',
  'request:assign': '+---.',
  'request:submit': '+aa-.',
  'request:accept': '+--+.',
  'request:reopen': '+---.',
  'request:askForRedelivery': '+aa-.',
  'request:cancel': '+---.',
  'request:promise': '+aa-.',
  'request:remind': '+---.',
  'request:comment': '+aa+.',
  'request:answer': '+aa-.',
  'request:check': '+--+.',
  'request:receipt': '+a-+.',
  'file:view': '+ao+.',
  'file:download': '+a-+.',
  'file:add': '+aa-.',
  'file:rename': '+ao-.',
  'file:remove': '+a--.',
  'file:clear': '+a--.',
  'file:process': '+---.',
};

const cells = permissions.flatMap((permission) =>
  roles.map((role, index) => ({ permission, role, letter: table[permission][index]! })),
);

describe('roles and permissions', () => {
  test.each(cells)('$role, $permission: $letter', ({ permission, role, letter }) => {
    const near = decide(permission, { role, isOwner: false, assigned: true, deliveredIt: true });
    const of: Record<string, Verdict> = { '-': 'forbidden', '.': 'hidden' };
    expect(near).toBe(of[letter] ?? 'granted');
    expect(roleGrants(role, false, permission)).toBe(near === 'granted');
  });

  test.each(cells.filter(({ letter }) => letter === 'a' || letter === 'o'))(
    '$role, $permission: not in requests of others',
    ({ permission, role }) => {
      expect(decide(permission, { role, isOwner: false, assigned: false, deliveredIt: true })).toBe('hidden');
    },
  );

  test.each(cells.filter(({ role, letter }) => role === 'uploader' && letter === 'o'))(
    '$role, $permission: hidden for files of others',
    ({ permission }) => {
      const relation = { role: 'uploader' as Role, isOwner: false, assigned: true, deliveredIt: false };
      expect(decide(permission, relation)).toBe('hidden');
    },
  );

  test('removing their own files is forbidden for an uploader, and files of others are hidden', () => {
    const relation = { role: 'uploader' as Role, isOwner: false, assigned: true };
    expect(decide('file:remove', relation)).toBe('forbidden');
    expect(decide('file:remove', { ...relation, deliveredIt: true })).toBe('forbidden');
    expect(decide('file:remove', { ...relation, deliveredIt: false })).toBe('hidden');
  });
});

describe('without a membership', () => {
  test.each(permissions)('hides everything: %s', (permission) => {
    expect(decide(permission, { role: null, isOwner: false, assigned: true, deliveredIt: true })).toBe(
      'hidden',
    );
  });

  test.each(permissions)('an owner manages people and sees no content: %s', (permission) => {
    const verdict = decide(permission, { role: null, isOwner: true, assigned: true, deliveredIt: true });
    if (ownerGrants.includes(permission)) expect(verdict).toBe('granted');
    else expect(verdict).not.toBe('granted');
    expect(roleGrants(null, true, permission)).toBe(ownerGrants.includes(permission));
  });
});

test('no role reaches further than the coordinator', () => {
  for (const role of roles) {
    for (const permission of permissions.filter((each) => reachOf(role, each) !== null)) {
      expect(reachOf('coordinator', permission)).toBe('any');
    }
  }
});
