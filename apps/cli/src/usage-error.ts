/** Thrown for wrong arguments. The message states the correct usage. */
export class UsageError extends Error {}
