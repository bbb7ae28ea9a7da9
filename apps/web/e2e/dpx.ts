/** A DPX frame of one grey in 10 bit, at 25 frames a second, with a timecode of frames after ten o'clock. */
export function dpxOf(frame: number, grey: number, [width, height] = [64, 36]): Buffer {
  const bytes = Buffer.alloc(2048 + width * height * 4);
  bytes.write('SDPX', 0);
  bytes.writeUInt32BE(2048, 4);
  bytes.write('V2.0', 8);
  bytes.writeUInt32BE(bytes.length, 16);
  bytes.writeUInt16BE(1, 770);
  bytes.writeUInt32BE(width, 772);
  bytes.writeUInt32BE(height, 776);
  // RGB, of 10 bits, filled to words.
  bytes.set([50, 2, 2, 10], 800);
  bytes.writeUInt16BE(1, 804);
  bytes.writeUInt32BE(2048, 808);
  bytes.writeUInt32BE(0x10000000 + frame, 1920);
  bytes.writeFloatBE(25, 1940);
  const pixel = ((grey << 22) | (grey << 12) | (grey << 2)) >>> 0;
  for (let at = 2048; at < bytes.length; at += 4) bytes.writeUInt32BE(pixel, at);
  return bytes;
}
