import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { delimit } from './delimited.ts'
import { exchange } from './exchange.ts'
import type { Connection, Stream } from '../waku-node.ts'

/** A fake stream that answers with these pieces, and what was done with it. */
function fakeConnection(pieces: readonly Uint8Array[], { endless = false } = {}) {
  const seen = {
    frames: [] as Uint8Array[],
    aborted: undefined as Error | undefined,
    protocol: '',
    negotiateFully: undefined as boolean | undefined,
    metadata: {},
  }
  const stream = {
    metadata: seen.metadata as Record<string, unknown>,
    async sink(source: Iterable<Uint8Array>) {
      for (const frame of source) seen.frames.push(frame)
    },
    source: (async function* () {
      for (const piece of pieces) yield Object.assign(piece, { subarray: piece.subarray.bind(piece) })
      if (endless) {
        await new Promise<void>((resolve) => {
          abortEnds = resolve
        })
        throw seen.aborted ?? new Error('ended')
      }
    })(),
    abort(error: Error) {
      seen.aborted = error
      abortEnds()
    },
  }
  let abortEnds = (): void => {}
  const connection = {
    newStream: async (protocol: string, { negotiateFully }: { negotiateFully?: boolean }) => {
      seen.protocol = protocol
      seen.negotiateFully = negotiateFully
      return stream as unknown as Stream
    },
  } as unknown as Connection
  return { connection, seen }
}

const signal = (): AbortSignal => new AbortController().signal

describe('an exchange', () => {
  // A service node that declines answers without reading; a second frame of a request would block the connection.
  it('sends length and request in one piece, and takes the stream for itself', async () => {
    const { connection, seen } = fakeConnection([delimit(Uint8Array.of(9))])
    const reply = await exchange(connection, '/x/1', [new Uint8Array(300)], 100, signal())
    expect([...reply]).toEqual([9])
    expect(seen.frames.map(({ length }) => length)).toEqual([302])
    expect(seen.metadata).toEqual({ consumed: true })
    expect(seen.protocol).toBe('/x/1')
    // One round trip less.
    expect(seen.negotiateFully).toBe(false)
  })

  it('puts a reply together from any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.array(fc.nat(500), { maxLength: 5 }),
        async (content, cuts) => {
          const framed = delimit(content)
          const edges = [
            0,
            ...cuts.filter((cut) => cut < framed.length).toSorted((a, b) => a - b),
            framed.length,
          ]
          const pieces = edges.slice(1).map((edge, i) => framed.slice(edges[i], edge))
          const { connection } = fakeConnection(pieces)
          expect(await exchange(connection, '/x/1', [Uint8Array.of(1)], 1000, signal())).toEqual(content)
        },
      ),
    )
  })

  it.each<[string, Uint8Array[]]>([
    ['nothing', []],
    ['part of a reply', [Uint8Array.of(5, 1, 2)]],
    ['an endless length', [new Uint8Array(20).fill(0xff)]],
    ['more than is allowed', [delimit(new Uint8Array(2000))]],
  ])('fails on %s, and cuts the stream', async (_, pieces) => {
    const { connection, seen } = fakeConnection(pieces)
    await expect(exchange(connection, '/x/1', [Uint8Array.of(1)], 1000, signal())).rejects.toThrow()
    expect(seen.aborted).toBeInstanceOf(Error)
  })

  it('is cut when the signal says so', async () => {
    const { connection, seen } = fakeConnection([], { endless: true })
    const controller = new AbortController()
    const pending = exchange(connection, '/x/1', [Uint8Array.of(1)], 1000, controller.signal)
    const rejected = expect(pending).rejects.toThrow('enough')
    await Promise.resolve()
    controller.abort(new Error('enough'))
    await rejected
    expect(seen.aborted?.message).toBe('enough')
  })
})
