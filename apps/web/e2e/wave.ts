/** For tests: makes WAVE files. */

const sampleRate = 48_000;
const headerBytes = 44;

/** Returns sound at 48 kHz with 16 bits. `sampleOf` returns the value of a channel at a frame, both counted from 0. */
export function waveOf(
  channels: number,
  frames: number,
  sampleOf: (channel: number, frame: number) => number,
): Buffer {
  const frameBytes = channels * 2;
  const soundBytes = frames * frameBytes;
  const file = Buffer.alloc(headerBytes + soundBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(headerBytes - 8 + soundBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(soundBytes, 40);
  for (let frame = 0; frame < frames; frame += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const at = headerBytes + frame * frameBytes + channel * 2;
      file.writeInt16LE(Math.round(sampleOf(channel, frame)), at);
    }
  }
  return file;
}
