// The client of the upload benchmark where there is no curl: one PATCH with a whole file, on a process of its own.
// node send.ts <url> <file> <header: value> …
import { createReadStream, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';

const [url = '', file = '', ...lines] = process.argv.slice(2);
const headers = Object.fromEntries(lines.map((line) => line.split(': ', 2)));
const patch = request(url, {
  method: 'PATCH',
  headers: { ...headers, 'Content-Length': statSync(file).size },
});
patch.on('response', (response) => {
  response.resume();
  if (response.statusCode !== 204) throw new Error(`answered with ${response.statusCode}`);
});
await pipeline(createReadStream(file, { highWaterMark: 2 * 1024 * 1024 }), patch);
