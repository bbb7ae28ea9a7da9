/** The downloads that write into a folder of this computer, for as long as the page lives. */
import type { DiskDownload } from './disk-download.svelte.ts';

class DiskDownloads {
  list = $state.raw<readonly DiskDownload[]>([]);

  add(download: DiskDownload): void {
    this.list = [...this.list, download];
  }

  remove(download: DiskDownload): void {
    this.list = this.list.filter((each) => each !== download);
  }
}

export const diskDownloads = new DiskDownloads();
