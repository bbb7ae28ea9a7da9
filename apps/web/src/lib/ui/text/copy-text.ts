/**
 * Copies a text. Over plain http, as on a bare LAN, browsers keep their clipboard from scripts; the older way still works
 * there, and where even that does not, the text stays selected for the keyboard.
 */

export type Copied = 'copied' | 'selected';

/** `field` shows the text; it is selected in any case, so that people see what they got. */
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
    // Not allowed here, by the person or by a policy.
    return false;
  }
}

/** What the command copies is decided in the event it causes, whatever is selected; a command that caused none did nothing. */
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

/** What to press instead. */
export function copyKeys(): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘C' : 'Ctrl+C';
}
