/** Forecasts when processing would end after a submit now, from past runs and the queue. */
import { sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { forecastProcessing, type PastRun } from '@turnover/domain/requests/forecast';
import { takesFiles } from '@turnover/domain/requests/actions';
import type { DeliveryRequest } from '../../access.ts';

/** The number of latest runs that the forecast uses, to reflect the present speed of the machine. */
const recentRuns = 200;
/** The number of lanes: heavy and light files have one each, so the queue is divided by two. */
const slots = 2;

/** Expected end in epoch milliseconds. Null when the request cannot be submitted, has no files, or there are no past runs. */
export function processingForecast(
  db: Reader,
  { status, fileCount, totalBytes }: Pick<DeliveryRequest, 'status' | 'fileCount' | 'totalBytes'>,
  now: number,
): number | null {
  if (!takesFiles(status) || fileCount === 0) return null;
  const past = db.all<PastRun>(sql`
    select sum(asset.size_bytes) / count(distinct run.file_id) as bytes,
      sum(run.end_at - run.start_at) / count(distinct run.file_id) as durationMs
    from (select * from stage_runs order by rowid desc limit ${recentRuns}) as run
    join delivered_files as file on file.id = run.file_id join assets as asset on asset.id = file.asset_id
    where run.status = 'done' and run.start_at is not null and run.end_at is not null
    group by run.file_id`);
  const ahead = db.get<{ bytes: number }>(sql`
    select coalesce(sum(total_bytes), 0) as bytes from requests where status in ('submitted', 'processing')`);
  return forecastProcessing({ bytes: totalBytes, bytesAhead: ahead.bytes, past, slots, now });
}
