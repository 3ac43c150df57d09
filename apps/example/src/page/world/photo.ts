/** Size of the picture: 24 bits a pixel make 2.1 MB of it. */
const WIDTH = 1_000
const HEIGHT = 700
const HEADER_BYTES = 54

/**
 * Draws a picture of hills at dusk, as a bitmap file of 2 MB that every browser shows: with no file to load, the page works
 * without a network, and a bitmap is the same on every machine.
 */
export function drawPhoto(): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(HEADER_BYTES + WIDTH * HEIGHT * 3)
  writeHeader(new DataView(file.buffer), file.length)
  for (let y = 0; y < HEIGHT; y++) {
    // Rows go from the bottom up.
    let offset = HEADER_BYTES + (HEIGHT - 1 - y) * WIDTH * 3
    for (let x = 0; x < WIDTH; x++) {
      const [red, green, blue] = colourAt(x / WIDTH, y / HEIGHT)
      file[offset++] = blue
      file[offset++] = green
      file[offset++] = red
    }
  }
  return file
}

function writeHeader(view: DataView, length: number): void {
  view.setUint16(0, 0x424d)
  view.setUint32(2, length, true)
  view.setUint32(10, HEADER_BYTES, true)
  view.setUint32(14, 40, true)
  view.setInt32(18, WIDTH, true)
  view.setInt32(22, HEIGHT, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, 24, true)
}

/** The nearest of four ridges that covers the point, or the sky with the sun. */
function colourAt(x: number, y: number): readonly [number, number, number] {
  for (let ridge = 3; ridge >= 0; ridge--) {
    const crest =
      0.5 +
      ridge * 0.12 +
      0.06 * Math.sin(x * (5 + ridge * 2) + ridge * 2.1) +
      0.025 * Math.sin(x * (17 + ridge * 5) + ridge)
    if (y > crest) {
      const light = 1 - ridge * 0.24
      return [40 + 120 * light, 60 + 85 * light, 85 + 85 * light]
    }
  }
  const fromSun = Math.hypot((x - 0.68) * 1.43, y - 0.36)
  if (fromSun < 0.07) return [255, 236, 190]
  const glow = Math.exp(-fromSun * 4)
  return [150 + 95 * glow + 50 * y, 165 + 25 * glow + 20 * y, 195 - 45 * glow]
}
