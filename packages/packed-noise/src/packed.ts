import { Uint8ArrayList } from 'uint8arraylist'

import { endOfTurn } from './end-of-turn.ts'

/** Bytes as libp2p hands them on. */
export type Chunk = Uint8Array | Uint8ArrayList

/** About what one packet of noise holds; more becomes several. */
const MAX_PACKET_BYTES = 65_000

/** Joins what comes within one turn of the event loop. */
export async function* packed(
  source: AsyncIterable<Chunk> | Iterable<Chunk>,
): AsyncGenerator<Uint8ArrayList> {
  const chunks = iterate(source)
  let next = chunks.next()
  try {
    for (;;) {
      const first = await next
      if (first.done === true) return
      const packet = new Uint8ArrayList(first.value)
      const turn = endOfTurn()
      for (;;) {
        next = chunks.next()
        // Awaited at the latest when the packet was taken, unless nobody takes it.
        next.catch(() => {})
        const more = packet.byteLength < MAX_PACKET_BYTES ? await Promise.race([next, turn]) : undefined
        if (more === undefined || more.done === true) break
        packet.append(more.value)
      }
      yield packet
    }
  } finally {
    void chunks.return(undefined)
  }
}

async function* iterate(source: AsyncIterable<Chunk> | Iterable<Chunk>): AsyncGenerator<Chunk> {
  yield* source
}
