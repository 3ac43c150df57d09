import { Uint8ArrayList } from 'uint8arraylist'

import { endOfTurn } from './end-of-turn.ts'

/** Bytes as libp2p hands them on. */
export type Chunk = Uint8Array | Uint8ArrayList

/** About what one packet of noise holds; more becomes several. */
const MAX_PACKET_BYTES = 65_000

/** Joins what comes within one turn of the event loop. A source that fails does so after what came before. */
export async function* packed(
  source: AsyncIterable<Chunk> | Iterable<Chunk>,
): AsyncGenerator<Uint8ArrayList> {
  const chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  const take = async (): Promise<IteratorResult<Chunk>> => chunks.next()
  const letGo = async (): Promise<unknown> => chunks.return?.()
  let next = take()
  try {
    for (;;) {
      const first = await next
      if (first.done === true) return
      const packet = new Uint8ArrayList(first.value)
      const turn = endOfTurn()
      for (;;) {
        next = take()
        const unlessFailed = next.catch(() => undefined)
        const more =
          packet.byteLength < MAX_PACKET_BYTES ? await Promise.race([unlessFailed, turn]) : undefined
        if (more === undefined || more.done === true) break
        packet.append(more.value)
      }
      yield packet
    }
  } finally {
    // Not waited for: a source with nothing more for now may take its time.
    void letGo().catch(() => {})
  }
}
