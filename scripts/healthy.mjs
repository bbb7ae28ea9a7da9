// The health check of the container: exits with 0 when /healthz says that every part is well, otherwise with 1.
const port = process.env.PORT || '3000';
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(8000) }).catch(
  () => null,
);
process.stdout.write((await answer?.text()) ?? 'The hub does not answer.\n');
process.exitCode = answer?.ok ? 0 : 1;
