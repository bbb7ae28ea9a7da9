/** Hides secrets in a line of the log, in case one is in the message of an error. */

/** A secret of the hub (`secrets.ts`) has 43 letters. Hashes as hexadecimal digits have one case, and stay. */
const longWord = /[A-Za-z0-9_-]{43,}/g;
const credentialsInAddress = /:\/\/[^\s/@"\\:]*:[^\s/@"\\]*@/g;

export function hideSecrets(line: string): string {
  return line
    .replace(longWord, (word) => (/[a-z]/.test(word) && /[A-Z]/.test(word) ? '[hidden]' : word))
    .replace(credentialsInAddress, '://[hidden]@');
}

/** Facts that are never written, whatever their value is. */
export function isSecretName(name: string): boolean {
  return /password|secret|token$|cookie|authorization/i.test(name);
}
