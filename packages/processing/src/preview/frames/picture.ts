/** A decoded frame: three bytes a pixel, encoded with the sRGB curve. */
export type FramePicture = { width: number; height: number; rgb: Uint8Array };

/** Maximum number of pixels. No film has larger frames. */
export const maxFramePixels = 64_000_000;

export function isFrameSize(width: number, height: number): boolean {
  return width > 0 && height > 0 && width * height <= maxFramePixels;
}

/** Converts linear light to a byte. The top fifth is compressed, so that bright skies keep their shape. */
export function byteOfLinear(value: number): number {
  if (!(value > 0)) return 0;
  const shoulder = 0.8;
  const rolled =
    value <= shoulder
      ? value
      : shoulder + (1 - shoulder) * (1 - Math.exp((shoulder - value) / (1 - shoulder)));
  const light = Math.min(1, rolled);
  return Math.round(255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055));
}
