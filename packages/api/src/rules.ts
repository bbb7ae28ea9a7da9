/** Access rules as data: docs/permissions.md is generated from them, and the access test attacks each one. */
import type { EntryNeed } from '@turnover/core/entries/access';
import type { ShareNeed } from '@turnover/core/shares/access';
import type { Permission } from '@turnover/domain/people/permissions';

/** Nouns whose permissions are in the table of grants. */
type GrantedNoun =
  'project' | 'request' | 'request type' | 'delivered file' | 'finding' | 'comment' | 'upload target';

export type Rule =
  /** For every signed-in caller. */
  (
    | { noun: 'caller'; permission: 'signed in' }
    | { noun: 'hub'; permission: 'owner' | 'inviter' }
    | { noun: GrantedNoun; permission: Permission }
    | { noun: 'entry'; permission: EntryNeed }
    | { noun: 'trashed entry'; permission: 'restore' }
    | { noun: 'share'; permission: ShareNeed }
    | { noun: 'revoked share'; permission: 'restore' }
    | { noun: 'upload'; permission: 'continue' | 'discard' }
    | { noun: 'saved view'; permission: 'own' }
  ) & {
    /** Further checks of the service, in the words of docs/permissions.md. */
    also?: string;
  };

/** The sentence about the rule in docs/permissions.md and docs/api.md. */
export function describeRule(rule: Rule): string {
  const sentence = describe(rule);
  return rule.also ? `${sentence}${rule.also}` : sentence;
}

function describe(rule: Rule): string {
  switch (rule.noun) {
    case 'caller':
      return 'signed in';
    case 'hub':
      return rule.permission === 'owner'
        ? 'owner of the hub'
        : 'owner of the hub, or coordinator of a project';
    case 'comment':
      return `comment: ${rule.permission}, and its author`;
    case 'entry':
      return `entry: its owner, or a share in force${rule.permission === 'view' ? '' : ` with Can ${rule.permission}`}`;
    case 'trashed entry':
      return 'entry: in the trash, its owner or who deleted it with Can update';
    case 'share':
      return rule.permission === 'manage'
        ? 'share: the owner of its entry, its sharer, or the sharer of the share it depends on'
        : 'share: its recipient';
    case 'revoked share':
      return 'share: who revoked it minutes ago';
    case 'upload':
      return rule.permission === 'continue'
        ? 'upload: its uploader'
        : 'upload: its uploader; in a request also file:clear';
    case 'saved view':
      return 'saved view: the person who saved it';
    case 'upload target':
      return `target: workspace:use, or ${rule.permission} of the request`;
    default:
      return `${rule.noun}: ${rule.permission}`;
  }
}
