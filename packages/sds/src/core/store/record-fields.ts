import { type WireReader, WireWriter } from '@reliable-channels/wire'
import type { Lamport } from '../wire/lamport.ts'
import { MalformedMessage, messageReader } from '../wire/malformed-message.ts'
import { NANOS_PER_MS, type Nanoseconds } from '../wire/message-id.ts'

const VERSION = 1

export function startRecord(): WireWriter {
  const writer = new WireWriter()
  writer.byte(VERSION)
  return writer
}

/** @throws {@link MalformedMessage} for another version */
export function openRecord(value: Uint8Array): WireReader {
  if (value[0] !== VERSION) throw new MalformedMessage(`version ${value[0] ?? 'none'}, expected ${VERSION}`)
  return messageReader(value, 1)
}

/** Whole milliseconds. */
export const wholeMs = (time: number): number => Math.max(0, Math.floor(time))

/** A number that can be counted on from. */
export function counted(value: Lamport): number {
  if (value >= Number.MAX_SAFE_INTEGER) throw new MalformedMessage(`${value} is too large`)
  return Number(value)
}

export function readVarints(value: Uint8Array): Lamport[] {
  const reader = openRecord(value)
  const values: Lamport[] = []
  while (!reader.done) {
    const tag = reader.tag()
    if ((tag & 7) === 0 && tag < 64) values[(tag >>> 3) - 1] = reader.uint64()
    else reader.skip(tag)
  }
  return values
}

export function nanosecondsOf(ms: Lamport, nanos: Lamport): Nanoseconds {
  if (nanos >= NANOS_PER_MS) throw new MalformedMessage(`${nanos} nanoseconds within a millisecond`)
  return { ms: counted(ms), nanos: Number(nanos) }
}
