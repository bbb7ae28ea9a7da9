/** Thrown when the service cannot be installed or removed. The message says what to do. */
export class ServiceRefused extends Error {}
