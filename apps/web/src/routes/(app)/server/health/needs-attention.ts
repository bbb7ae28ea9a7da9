/** What needs an owner, the most urgent first. */
import type { DamageKind } from '@turnover/domain/server/damages';
import type { CapabilitiesView } from '@turnover/domain/server/capabilities';
import type { DamageView, HealthView } from '@turnover/domain/server/health';
import type { ServerView } from '@turnover/domain/server/server';
import * as m from '@turnover/messages/messages';
import { formatBytes } from '#lib/format.ts';

export type Need = {
  key: string;
  tone: 'bad' | 'warn';
  title: string;
  text: string;
  foundAt?: number;
  /** Where the owner can act or see more. */
  link?: { href: string; label: string };
};

export type Condition = { health: HealthView; server: ServerView; dead: CapabilitiesView['dead'] };

export function needsAttention({ health, server, dead }: Condition): Need[] {
  const { listed, total } = health.damages;
  const needs: (Need | false)[] = [
    server.isSpaceLow && {
      key: 'space',
      tone: 'bad',
      title: m.health_space_title(),
      text: m.server_space_low(),
    },
    server.clock.verdict !== 'right' && {
      key: 'clock',
      tone: 'bad',
      title: m.health_clock_title(),
      text: m.health_clock_text(),
      link: { href: '/projects', label: m.health_show() },
    },
    ...listed.map(needOfDamage),
    total > listed.length && {
      key: 'more damages',
      tone: 'bad',
      title: m.health_more_damages({ count: total - listed.length }),
      text: m.health_more_damages_text(),
    },
    dead.total > 0 && {
      key: 'jobs',
      tone: 'warn',
      title: m.health_dead_jobs({ count: dead.total }),
      text: m.health_dead_jobs_text(),
      link: { href: '/server/processing', label: m.health_show() },
    },
    server.mail.failed > 0 && {
      key: 'mail',
      tone: 'warn',
      title: m.server_mail_failed({ count: server.mail.failed }),
      text: server.mail.lastError === null ? '' : m.server_mail_error({ error: server.mail.lastError }),
    },
  ];
  return needs.filter((need) => need !== false);
}

const titles: Record<DamageKind, () => string> = {
  missing: m.damage_missing,
  truncated: m.damage_truncated,
  tooLong: m.damage_too_long,
  changed: m.damage_changed,
  unreadable: m.damage_unreadable,
  unknownFile: m.damage_unknown_file,
  leftPart: m.damage_left_part,
  stuckUpload: m.damage_stuck_upload,
  stuckFile: m.damage_stuck_file,
  freedInUse: m.damage_freed_in_use,
  database: m.damage_database,
  orphanedRow: m.damage_orphaned_row,
};

function needOfDamage(damage: DamageView): Need {
  const { kind, subject, foundAt, delivered } = damage;
  return {
    key: `${kind} ${subject}`,
    tone: 'bad',
    title: titles[kind](),
    text: [placeOf(damage), sizesOf(damage)].filter(Boolean).join(' · '),
    foundAt,
    ...(delivered?.file && {
      link: {
        href: `/p/${delivered.project.id}/deliveries/${delivered.file.requestId}`,
        label: m.health_show_request(),
      },
    }),
  };
}

function placeOf({ delivered, workspaceOf, subject }: DamageView): string {
  if (delivered) {
    const { file, project } = delivered;
    if (!file) return m.health_delivered_in({ project: project.name, subject });
    return m.health_delivered({ file: file.path, request: file.request, project: project.name });
  }
  return workspaceOf === null ? subject : m.health_in_workspace({ name: workspaceOf, subject });
}

/** Sizes in bytes, or checksums. */
function sizesOf({ kind, expected, found }: DamageView): string {
  const isSize = kind === 'truncated' || kind === 'tooLong' || kind === 'unknownFile' || kind === 'leftPart';
  const words = (value: string) => (isSize ? formatBytes(Number(value)) : value);
  if (found === null) return '';
  return expected === null
    ? words(found)
    : m.health_expected({ expected: words(expected), found: words(found) });
}
