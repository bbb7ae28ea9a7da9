/** The facts of a delivered file, as names and values for its panel. */
import type { ChecksumView } from '@turnover/domain/media/checksums';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import * as m from '@turnover/messages/messages';
import { formatBytes, formatDue, formatFully } from '#lib/format.ts';
import { describeCreator, describeNotes, verdictWords } from './manifest-words.ts';

type Fact = { label: string; value: string; mono?: boolean; title?: string; note?: string | null };

export function factsOfFile(file: DeliveredFileView, now: number): Fact[] {
  const facts: Fact[] = [{ label: m.file_panel_size(), value: formatBytes(file.sizeBytes) }];
  if (file.folder) facts.push({ label: m.file_panel_folder(), value: file.folder });
  facts.push({ label: m.file_panel_by(), value: file.deliveredBy.name });
  facts.push({
    label: m.file_panel_added(),
    value: formatDue(file.addedAt, now),
    title: formatFully(file.addedAt),
  });
  facts.push({ label: m.file_panel_round(), value: String(file.round) });
  if (!file.manifest && file.state !== 'verifying')
    facts.push({ label: m.request_file_column_state(), value: stateHint(file) });
  return facts.concat(manifestFacts(file, now), checksumFacts(file, now));
}

/** Explains the state of the file. */
export function stateHint({ manifest, checksums }: DeliveredFileView): string {
  if (manifest) return verdictWords[manifest.verdict]();
  const isDeclared = checksums.some(({ source }) => source === 'declared');
  return isDeclared ? m.request_file_verified_hint() : m.request_file_received_hint();
}

function checksumFacts({ checksums, manifest }: DeliveredFileView, now: number): Fact[] {
  return checksums
    .filter(({ algorithm, source }) => source === 'declared' || !isShownByList(manifest, algorithm))
    .map((checksum) => ({
      label:
        checksum.source === 'declared'
          ? m.file_panel_declared({ algorithm: checksum.algorithm })
          : checksum.algorithm,
      value: checksum.value,
      mono: true,
      note: whoComputed(checksum, now),
    }));
}

/** Returns who computed the value, and when. */
function whoComputed({ source, how, at }: ChecksumView, now: number): string {
  const when = formatDue(at, now);
  if (source === 'declared') return m.checksum_by_sender({ when });
  if (how === null) return m.checksum_by_hub({ when });
  return how === 'arrival' ? m.checksum_by_arrival({ when }) : m.checksum_by_reading({ when });
}

/** Returns true when a checksum list that differs already shows the computed checksum. */
function isShownByList(said: DeliveredFileView['manifest'], algorithm: string): boolean {
  return said?.verdict === 'differs' && said.found !== null && said.algorithm === algorithm;
}

/** Returns the verdict of the checksum list, with both values when they differ. */
function manifestFacts({ manifest: said, checksums }: DeliveredFileView, now: number): Fact[] {
  if (!said) return [];
  const { verdict, list, algorithm, expected, found, expectedBytes, computedAt, notes } = said;
  const { creator, generation, ignoredBy } = said;
  const facts: Fact[] = [{ label: m.manifest_fact(), value: verdictWords[verdict]() }];
  if (list) facts.push({ label: m.manifest_fact_list(), value: list.path });
  const who = creator ? describeCreator(creator) : '';
  if (who !== '') facts.push({ label: m.manifest_fact_creator(), value: who });
  if (computedAt !== null)
    facts.push({ label: m.manifest_fact_computed(), value: formatDue(computedAt, now) });
  if (generation !== null) facts.push({ label: m.manifest_fact_generation(), value: String(generation) });
  if (ignoredBy !== null) facts.push({ label: m.manifest_fact_pattern(), value: ignoredBy, mono: true });
  if (verdict === 'differs' && algorithm) {
    const own = checksums.find((each) => each.algorithm === algorithm && each.source === 'computed');
    if (expected) facts.push({ label: m.manifest_fact_expected({ algorithm }), value: expected, mono: true });
    if (found) {
      const label = m.manifest_fact_found({ algorithm });
      facts.push({ label, value: found, mono: true, note: own ? whoComputed(own, now) : null });
    }
  }
  if (notes.includes('other_size') && expectedBytes !== null)
    facts.push({ label: m.manifest_fact_bytes(), value: formatBytes(expectedBytes) });
  const odd = describeNotes(notes);
  if (odd.length > 0) facts.push({ label: m.manifest_fact_notes(), value: odd.join(' · ') });
  return facts;
}

/** Returns `.wav`; empty for a name without an extension. The dot of a hidden file begins no extension. */
export function extensionOf(name: string): string {
  return /(?<=.)\.[^.\s]+$/u.exec(name)?.[0] ?? '';
}
