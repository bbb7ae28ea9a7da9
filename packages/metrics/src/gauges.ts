// The gauges about the whole hub. The web process states them; the numbers are read anew for each scrape.
import { Gauge, Registry } from 'prom-client';
import type { Figures } from '@turnover/core/server/figures';

/** The parts of `/healthz`, and whether each is well. */
export type Parts = Record<string, boolean>;
export type Readings = Figures & { parts: Parts };

type Value = { value: number; labels?: Record<string, string> };
type Definition = { name: string; help: string; label?: string[]; read(readings: Readings): Value[] };

const one = (value: number): Value[] => [{ value }];
const seconds = (ms: number): number => ms / 1000;
const by = (label: string, values: Record<string, number>): Value[] =>
  Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));

export const hubMetrics: readonly Definition[] = [
  {
    name: 'turnover_part_well',
    help: '1 while the part of /healthz is well, otherwise 0',
    label: ['part'],
    read: ({ parts }) => by('part', mapped(parts, Number)),
  },
  {
    name: 'turnover_uploads',
    help: 'Uploads that wait for bytes (uploading) or for their checksum (verifying)',
    label: ['state'],
    read: ({ uploads: { uploading, verifying } }) => by('state', { uploading, verifying }),
  },
  {
    name: 'turnover_uploads_missing_bytes',
    help: 'Bytes that unfinished uploads have announced and not sent yet',
    read: ({ uploads }) => one(uploads.missingBytes),
  },
  {
    name: 'turnover_jobs',
    help: 'Jobs that run, wait for a slot, or are planned for later',
    label: ['lane', 'state'],
    read: ({ lanes }) =>
      lanes.flatMap(({ lane, running, waiting, later }) =>
        by('state', { running, waiting, later }).map(({ labels, value }) => ({
          labels: { lane, ...labels },
          value,
        })),
      ),
  },
  {
    name: 'turnover_oldest_job_age_seconds',
    help: 'How long the oldest due job has waited for a slot; 0 when none waits',
    label: ['lane'],
    read: ({ lanes }) =>
      lanes.map(({ lane, oldestAgeMs }) => ({ labels: { lane }, value: seconds(oldestAgeMs) })),
  },
  {
    name: 'turnover_dead_jobs',
    help: 'Jobs that were given up and wait for an owner',
    read: ({ deadJobs }) => one(deadJobs),
  },
  {
    name: 'turnover_mails',
    help: 'Mails that wait for the mail server, and those that were given up within a week',
    label: ['state'],
    read: ({ mails: { waiting, failed } }) => by('state', { waiting, failed }),
  },
  {
    name: 'turnover_oldest_mail_age_seconds',
    help: 'How long the oldest waiting mail has waited; 0 when none waits',
    read: ({ mails }) => one(seconds(mails.oldestAgeMs)),
  },
  {
    name: 'turnover_sessions',
    help: 'Sign-ins that are in force',
    read: ({ sessions }) => one(sessions),
  },
  {
    name: 'turnover_disk_free_bytes',
    help: 'Free bytes on the disk of the data folder',
    read: ({ disk }) => one(disk.freeBytes),
  },
  {
    name: 'turnover_disk_size_bytes',
    help: 'Size of the disk of the data folder',
    read: ({ disk }) => one(disk.sizeBytes),
  },
  {
    name: 'turnover_database_bytes',
    help: 'Size of the database with its log',
    read: ({ databaseBytes }) => one(databaseBytes),
  },
  {
    name: 'turnover_backup_age_seconds',
    help: 'Time since the last backup; since the hub began when none was made yet',
    read: ({ backupAgeMs }) => one(seconds(backupAgeMs)),
  },
  {
    name: 'turnover_examination_age_seconds',
    help: 'Time since the doctor last compared the database with the files; 0 before the first time and while it runs',
    read: ({ examinationAgeMs }) => one(seconds(examinationAgeMs)),
  },
  {
    name: 'turnover_damages',
    help: 'Damages that the doctor and the scrubber know of',
    label: ['kind'],
    read: ({ damages }) => by('kind', damages),
  },
];

function mapped<From, To>(values: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

/** A registry of its own for each scrape, so that no old number looks like a present one. */
export function hubGauges(readings: Readings): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: 'web' });
  for (const { name, help, label = [], read } of hubMetrics) {
    const gauge = new Gauge({ name, help, labelNames: label, registers: [registry] });
    for (const { labels = {}, value } of read(readings)) gauge.set(labels, value);
  }
  return registry;
}
