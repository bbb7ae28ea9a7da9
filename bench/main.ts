// npm run bench [-- <name> …]: compares our code with its peers, as ratios. Without a name, all benchmarks run.
import { benchAgreement } from './agreement.ts';
import { benchArchive } from './archive.ts';
import { benchBlocking } from './blocking.ts';
import { benchHash } from './hash.ts';
import { benchInspect } from './inspect.ts';
import { benchList } from './list.ts';
import { benchLoad } from './load.ts';
import { benchPages } from './pages.ts';
import { benchQueue } from './queue.ts';
import { benchRequests } from './requests.ts';
import { benchTransfer } from './transfer.ts';

const benchmarks: Record<string, () => Promise<void>> = {
  agreement: benchAgreement,
  archive: benchArchive,
  blocking: benchBlocking,
  hash: benchHash,
  inspect: benchInspect,
  list: benchList,
  load: benchLoad,
  pages: benchPages,
  queue: benchQueue,
  requests: benchRequests,
  transfer: benchTransfer,
};

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = names.find((name) => !(name in benchmarks));
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There is: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(1);
}
for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
  console.log(`\n${name}\n`);
  await benchmarks[name]!();
}
