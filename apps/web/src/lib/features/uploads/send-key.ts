/** A random name by which the hub knows a file of a bundle. `crypto.randomUUID` exists only under https. */
export function newSendKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
