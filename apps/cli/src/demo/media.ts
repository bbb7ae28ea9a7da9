/** Generates sample media for the demonstration: tones, frames, subtitles and a checksum list. */
import { createHash } from 'node:crypto';

export type SampleFile = { name: string; folder?: string; bytes: Buffer };

/** A mono WAV of 24 bits and 48 kHz with a tone of `hertz`. */
export function wav(name: string, seconds: number, hertz: number): SampleFile {
  const rate = 48_000;
  const samples = rate * seconds;
  const data = Buffer.alloc(samples * 3);
  for (let index = 0; index < samples; index++) {
    data.writeIntLE(Math.round(Math.sin((2 * Math.PI * hertz * index) / rate) * 0x0fffff), index * 3, 3);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 3, 28);
  header.writeUInt16LE(3, 32);
  header.writeUInt16LE(24, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return { name, bytes: Buffer.concat([header, data]) };
}

/** A grey 10-bit RGB DPX frame (SMPTE ST 268), brighter with each frame number. */
export function dpx(folder: string, stem: string, frame: number): SampleFile {
  const [width, height, offset] = [192, 108, 2048];
  const bytes = Buffer.alloc(offset + width * height * 4);
  bytes.write('SDPX', 0, 'latin1');
  bytes.writeUInt32BE(offset, 4);
  bytes.write('V2.0', 8, 'latin1');
  bytes.writeUInt32BE(bytes.length, 16);
  bytes.writeUInt16BE(0, 768);
  bytes.writeUInt16BE(1, 770);
  bytes.writeUInt32BE(width, 772);
  bytes.writeUInt32BE(height, 776);
  bytes.writeUInt8(50, 800);
  bytes.writeUInt8(10, 803);
  bytes.writeUInt16BE(1, 804);
  bytes.writeUInt32BE(offset, 808);
  const level = Math.min(1023, 64 + (frame % 100) * 9);
  for (let pixel = 0; pixel < width * height; pixel++) {
    bytes.writeUInt32BE(((level << 22) | (level << 12) | (level << 2)) >>> 0, offset + pixel * 4);
  }
  return { name: `${stem}.${String(frame).padStart(7, '0')}.dpx`, folder, bytes };
}

export function ttml(name: string, language: string, lines: readonly string[]): SampleFile {
  const events = lines.map(
    (line, index) => `      <p begin="00:00:0${index * 2}.000" end="00:00:0${index * 2 + 1}.500">${line}</p>`,
  );
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="${language}">
  <body>
    <div>
${events.join('\n')}
    </div>
  </body>
</tt>
`;
  return { name, bytes: Buffer.from(text) };
}

/** A `checksum.txt` in the format of md5sum. */
export function checksumList(files: readonly SampleFile[]): SampleFile {
  const lines = files.map(({ name, bytes }) => `${createHash('md5').update(bytes).digest('hex')}  ${name}\n`);
  return { name: 'checksum.txt', bytes: Buffer.from(lines.join('')) };
}
