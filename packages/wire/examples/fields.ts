import { WIRE, WireReader, WireWriter, hexOf, readFields } from '@reliable-channels/wire'

interface Reading {
  sensor: string
  atMs: number
  sample: Uint8Array
}

const encode = ({ sensor, atMs, sample }: Reading): Uint8Array =>
  new WireWriter().text(1, sensor).varint(2, atMs).bytes(3, sample).finish()

/** `undefined` for bytes that are no reading. */
function decode(bytes: Uint8Array): Reading | undefined {
  const reading: Partial<Reading> = {}
  const reader = new WireReader(bytes)
  const wellFormed = readFields(reader, (tag) => {
    if (tag === 1 * 8 + WIRE.bytes) reading.sensor = reader.text()
    else if (tag === 2 * 8 + WIRE.varint) reading.atMs = Number(reader.uint64())
    else if (tag === 3 * 8 + WIRE.bytes) reading.sample = reader.bytes()
    else return false
    return true
  })
  const { sensor, atMs, sample } = reading
  if (!wellFormed || sensor === undefined || atMs === undefined || sample === undefined) return undefined
  return { sensor, atMs, sample }
}

const wire = encode({ sensor: 'roof', atMs: 1_750_000_000_000, sample: Uint8Array.of(1, 2) })
console.log(hexOf(wire))
console.log(decode(wire)?.sensor)
console.log(decode(wire.subarray(0, 7)))
