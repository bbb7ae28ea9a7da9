// Language and theme of this browser, stored in cookies so that the server can render them.
import { localeCookie, type Locale } from '@turnover/messages/locale';

export const themes = ['dark', 'light'] as const;
export type Theme = (typeof themes)[number];

export type Appearance = { locale: Locale; theme: Theme; sidebarCollapsed: boolean };

export const themeCookie = 'turnover_theme';
export const sidebarCookie = 'turnover_sidebar';

export function readTheme(value: string | undefined): Theme {
  return value === 'light' ? 'light' : 'dark';
}

export function rememberTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  remember(themeCookie, theme);
}

export function rememberSidebar(collapsed: boolean): void {
  remember(sidebarCookie, collapsed ? 'collapsed' : 'open');
}

/** Reloads the page, because all of its text changes. */
export function rememberLocale(locale: Locale): void {
  remember(localeCookie, locale);
  location.reload();
}

const oneYearSeconds = 365 * 24 * 60 * 60;

function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=${oneYearSeconds}; samesite=lax`;
}
