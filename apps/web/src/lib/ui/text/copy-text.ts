/**
 * Copies a text. Over plain http, as on a bare LAN, browsers deny scripts the clipboard; the older copy command still
 * works there. When that fails too, the text stays selected for the keyboard.
 */

export type Copied = 'copied' | 'selected';

/** Copies a text. Always selects `field`, which shows the text, so that people see what they copy. */
export async function copyText(text: string, field: HTMLInputElement | HTMLTextAreaElement): Promise<Copied> {
  field.focus();
  field.select();
  if (await writeToClipboard(text)) return 'copied';
  return copyByCommand(text) ? 'copied' : 'selected';
}

async function writeToClipboard(text: string): Promise<boolean> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  if (!clipboard) return false;
  try {
    await clipboard.writeText(text);
    return true;
  } catch {
    // Denied by the person or by a policy.
    return false;
  }
}

/**
 * Uses the copy command. The handler of the copy event sets the copied text, whatever is selected. A command that
 * caused no copy event has failed.
 */
function copyByCommand(text: string): boolean {
  let isCopied = false;
  const onCopy = (event: ClipboardEvent): void => {
    if (!event.clipboardData) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
    isCopied = true;
  };
  document.addEventListener('copy', onCopy, { capture: true });
  try {
    return document.execCommand('copy') && isCopied;
  } catch {
    return false;
  } finally {
    document.removeEventListener('copy', onCopy, { capture: true });
  }
}

/** Returns the keys to press instead. */
export function copyKeys(): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘C' : 'Ctrl+C';
}
