/** Companies: the facilities that people work for. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { lineOfText } from '../names/lines.ts';

export const companyNameSchema = lineOfText(120);
export const createCompanyInput = z.object({ name: companyNameSchema });
export const renameCompanyInput = z.object({ companyId: idSchema('company'), name: companyNameSchema });
/** Moves everybody of `companyId` to `intoCompanyId` and deletes `companyId`. */
export const mergeCompaniesInput = z.object({
  companyId: idSchema('company'),
  intoCompanyId: idSchema('company'),
});

/** `people` counts those that the reader may see. */
export const companyView = z.object({ id: z.string(), name: z.string(), people: z.number() });
export type CompanyView = z.infer<typeof companyView>;
