/**
 * Returns true when the hub answers the health check, which it does in JSON even when unhealthy; a proxy in front of a
 * stopped hub does not.
 */
export async function isReachable(): Promise<boolean> {
  try {
    const { headers } = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5_000) });
    return headers.get('content-type')?.includes('json') ?? false;
  } catch {
    return false;
  }
}
