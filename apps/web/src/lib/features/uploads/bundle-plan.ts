/** Chooses the small files that share a request. */
import type { BundleLimitsView } from '@turnover/domain/workspace/bundles';
import { lineBytesOf, type Member } from './bundle.ts';

/** Fewer files than this arrive as quickly in requests of their own. */
export const fewestInBundle = 8;

/**
 * Returns the first files that fit into one bundle whose body has at most `maxBodyBytes`; none when too few do. Files keep their
 * order, except that those which have to go alone are passed over.
 */
export function bundleOf<Each extends Pick<Member, 'file' | 'bundleHead'>>(
  waiting: readonly Each[],
  limits: BundleLimitsView,
  maxBodyBytes: number,
): Each[] {
  const mostBytes = Math.min(limits.bytes, maxBodyBytes);
  const chosen: Each[] = [];
  let bytes = 0;
  for (const each of waiting) {
    if (each.file.size > limits.fileBytes) continue;
    const added = lineBytesOf(each) + each.file.size;
    if (added > mostBytes) continue;
    if (chosen.length === limits.files || bytes + added > mostBytes) break;
    chosen.push(each);
    bytes += added;
  }
  return chosen.length < fewestInBundle ? [] : chosen;
}
