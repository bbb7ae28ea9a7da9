/** Downloads several files, one after the other, as browsers allow it. */

/** Browsers ask before many downloads. */
export const maxDownloads = 20;
/** Some browsers drop downloads that start too quickly. */
const pauseMs = 250;

export async function downloadFiles(files: readonly { id: string }[]): Promise<void> {
  for (const { id } of files) {
    const link = document.createElement('a');
    link.href = `/files/${id}`;
    link.download = '';
    link.click();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
