/** The languages of the hub. Every visible text exists in each of them. */
import { z } from 'zod';

export const locales = ['en', 'es-419'] as const;
export type Locale = (typeof locales)[number];
export const localeSchema = z.enum(locales);
