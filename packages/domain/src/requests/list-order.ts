/**
 * How the list of requests is filtered by due date, sorted and grouped. Contains no schemas, so that browsers can load
 * it.
 */
export const requestSorts = ['dueAt', 'name', 'status', 'updatedAt', 'fileCount'] as const;
export type RequestSort = (typeof requestSorts)[number];

export const requestGroups = ['type', 'company', 'dueWeek'] as const;
export type RequestGroup = (typeof requestGroups)[number];

/** `overdue`: due before now. `soon`: within three days. `week`: within a week. */
export const dueFilters = ['overdue', 'soon', 'week'] as const;
export type DueFilter = (typeof dueFilters)[number];
