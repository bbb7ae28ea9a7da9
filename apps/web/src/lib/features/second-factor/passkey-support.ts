/** Whether this browser can use passkeys here: they need https (or this machine) and a host name. */
export function canUsePasskeys(): boolean {
  const isNamed = /[a-z]/i.test(location.hostname) && !location.hostname.includes(':');
  return 'PublicKeyCredential' in globalThis && isNamed;
}
