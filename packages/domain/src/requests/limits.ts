/** The limits of a request's fields. Apart from their schemas, so that pages which only check them load no schema library. */

/** Of a name, in UTF-16 units. */
export const maxRequestName = 160;
/** In UTF-16 units. */
export const maxRequestDescription = 4000;
/** Of a search in the list, in UTF-16 units. */
export const maxSearch = 200;
/** Of the name of a saved view, in UTF-16 units. */
export const maxSavedViewName = 60;
/** Of one person in one project. */
export const maxSavedViews = 50;
/** The last moment that a date can hold, in epoch milliseconds. */
export const maxDueAt = 8.64e15;
export const maxAssignees = 50;
/** Of one call. */
export const maxRequestsAtOnce = 500;
