/** All accounts of the hub and their companies. */
import { z } from 'zod';
import { listUsers, updateUser } from '@turnover/core/people/accounts';
import { createCompany, listCompanies, mergeCompanies, renameCompany } from '@turnover/core/people/companies';
import { updateUserInput, userView } from '@turnover/domain/people/accounts';
import {
  companyView,
  createCompanyInput,
  mergeCompaniesInput,
  renameCompanyInput,
} from '@turnover/domain/people/companies';
import { asInviter, asOwner } from '../procedures.ts';
import { t } from '../trpc.ts';

export const companiesRouter = t.router({
  list: asInviter.output(z.array(companyView)).query(({ ctx }) => listCompanies(ctx.hub)),
  create: asInviter
    .input(createCompanyInput)
    .output(companyView)
    .mutation(({ ctx, input }) => createCompany(ctx.hub, input)),
  rename: asOwner
    .input(renameCompanyInput)
    .output(companyView)
    .mutation(({ ctx, input }) => renameCompany(ctx.hub, input)),
  merge: asOwner
    .input(mergeCompaniesInput)
    .output(companyView)
    .mutation(({ ctx, input }) => mergeCompanies(ctx.hub, input)),
});

export const usersRouter = t.router({
  list: asOwner.output(z.array(userView)).query(({ ctx }) => listUsers(ctx.hub)),
  update: asOwner
    .input(updateUserInput)
    .output(userView)
    .mutation(({ ctx, input }) => updateUser(ctx.hub, input)),
});
