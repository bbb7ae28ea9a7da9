/** How the list of requests can be filtered by due date, sorted and grouped. Without schemas, for the browser. */
export const requestSorts = ['dueAt', 'name', 'status', 'updatedAt', 'fileCount'] as const;
export type RequestSort = (typeof requestSorts)[number];

export const requestGroups = ['type', 'company', 'dueWeek'] as const;
export type RequestGroup = (typeof requestGroups)[number];

/** Due before now, within three days, within a week. */
export const dueFilters = ['overdue', 'soon', 'week'] as const;
export type DueFilter = (typeof dueFilters)[number];
