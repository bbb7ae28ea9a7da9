// A processing stage for Turnover (docs/stages.md): reads the duration and the peak of a PCM WAV file.
import { open } from 'node:fs/promises';
import { defineStage } from '@turnover/processing';

export default defineStage({
  name: 'example.wav-peak',
  appliesTo: ({ name }) => name.toLowerCase().endsWith('.wav'),
  words: {
    name: { en: 'Peak', 'es-419': 'Pico' },
    facts: {
      duration: { en: 'Duration', 'es-419': 'Duración' },
      peak: { en: 'Peak (dBFS)', 'es-419': 'Pico (dBFS)' },
      channels: { en: 'Channels', 'es-419': 'Canales' },
      clipped: { en: 'Reaches full scale', 'es-419': 'Llega al máximo' },
    },
  },
  failures: {
    not_wave: { en: 'The file is not a WAV file.', 'es-419': 'El archivo no es un WAV.' },
    cut_short: { en: 'The sound ends too early.', 'es-419': 'El sonido termina antes de tiempo.' },
  },
  skips: {
    not_pcm: {
      en: 'The sound is not 16, 24 or 32 bit PCM.',
      'es-419': 'El sonido no es PCM de 16, 24 o 32 bits.',
    },
  },
  async run({ path, sizeBytes }, { signal, progress }) {
    const file = await open(path);
    try {
      const sound = await findSound(file, sizeBytes);
      if (sound === null) return { kind: 'failed', failure: 'not_wave' };
      const { format, channels, rate, bits, start, bytes } = sound;
      if (format !== 1 || ![16, 24, 32].includes(bits)) return { kind: 'skipped', reason: 'not_pcm' };
      if (start + bytes > sizeBytes) return { kind: 'failed', failure: 'cut_short' };
      const peak = await findPeak(file, sound, { signal, progress });
      const fullScale = 2 ** (bits - 1);
      const facts = {
        duration: `${(bytes / ((bits / 8) * channels * rate)).toFixed(3)} s`,
        channels,
        clipped: peak >= fullScale - 1,
      };
      if (peak > 0) facts.peak = Number((20 * Math.log10(peak / fullScale)).toFixed(2));
      return { kind: 'done', facts };
    } finally {
      await file.close();
    }
  },
});

/** Walks the chunks of the file. Null when it is no WAV file. */
async function findSound(file, sizeBytes) {
  const riff = await read(file, 0, 12);
  if (riff.toString('latin1', 0, 4) !== 'RIFF' || riff.toString('latin1', 8, 12) !== 'WAVE') return null;
  let format = null;
  for (let at = 12; at + 8 <= sizeBytes;) {
    const head = await read(file, at, 24);
    const id = head.toString('latin1', 0, 4);
    const bytes = head.readUInt32LE(4);
    if (id === 'fmt ') {
      format = {
        format: head.readUInt16LE(8),
        channels: head.readUInt16LE(10),
        rate: head.readUInt32LE(12),
        bits: head.readUInt16LE(22),
      };
    }
    if (id === 'data') return format && { ...format, start: at + 8, bytes };
    at += 8 + bytes + (bytes % 2);
  }
  return null;
}

async function findPeak(file, { start, bytes, bits }, { signal, progress }) {
  const sampleBytes = bits / 8;
  const pieceBytes = 1024 * 1024 * sampleBytes;
  const end = bytes - (bytes % sampleBytes);
  let peak = 0;
  for (let done = 0; done < end; done += pieceBytes) {
    signal.throwIfAborted();
    const length = Math.min(pieceBytes, end - done);
    const piece = await read(file, start + done, length);
    for (let at = 0; at < length; at += sampleBytes) {
      peak = Math.max(peak, Math.abs(piece.readIntLE(at, sampleBytes)));
    }
    progress((done + length) / end);
  }
  return peak;
}

/** Bytes beyond the end of the file read as zeros. */
async function read(file, position, length) {
  const buffer = Buffer.alloc(length);
  await file.read(buffer, 0, length, position);
  return buffer;
}
