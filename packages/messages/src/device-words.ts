/** Names a browser and its system: Firefox on macOS. */
import * as m from './messages.ts';

/** Empty or null: not recognised. */
export function deviceWords({ browser, system }: { browser: string | null; system: string | null }): string {
  if (browser && system) return m.device_browser_on({ browser, system });
  return browser || system || m.device_unknown();
}
