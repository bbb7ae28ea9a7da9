/** Thrown when a command does not do what it was called for. The message says why, and what to do. */
export class CommandRefused extends Error {}
