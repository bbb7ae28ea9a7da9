/** Why a data folder is not opened. The message says what to do and is meant to be read by whoever runs the hub. */
export class DatabaseRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseRefused';
  }
}
