/**
 * The limits of a request's fields. They are separate from the schemas, so that pages which only check them load no
 * schema library.
 */

/** Length of a request's name in UTF-16 units. */
export const maxRequestName = 160;
/** Length of a description in UTF-16 units. */
export const maxRequestDescription = 4000;
/** Length of a search text in the list, in UTF-16 units. */
export const maxSearch = 200;
/** Length of the name of a saved view, in UTF-16 units. */
export const maxSavedViewName = 60;
/** Number of saved views of one person in one project. */
export const maxSavedViews = 50;
/** The last moment that a Date can hold, in epoch milliseconds. */
export const maxDueAt = 8.64e15;
export const maxAssignees = 50;
/** Number of requests in one call. */
export const maxRequestsAtOnce = 500;
