import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { delimit, readDelimited, undelimit } from './delimited.ts'

/** A stream of these bytes, cut at these places. */
async function* cutAt(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const edges = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]
  for (let i = 1; i < edges.length; i++) yield bytes.slice(edges[i - 1], edges[i])
}

async function read(bytes: Uint8Array, cuts: readonly number[], maxBytes = 1000): Promise<Uint8Array[]> {
  const contents: Uint8Array[] = []
  for await (const content of readDelimited(cutAt(bytes, cuts), maxBytes)) contents.push(content.slice())
  return contents
}

describe('delimited contents', () => {
  it('are read back, however the stream is cut', async () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(contents, fc.array(fc.nat(2000), { maxLength: 12 }), async (all, cuts) => {
        const bytes = Uint8Array.from(all.flatMap((content) => [...delimit(content)]))
        expect(await read(bytes, cuts)).toEqual(all)
      }),
    )
  })

  it('come one by one from a stream of single bytes', async () => {
    const bytes = delimit(new Uint8Array(300).fill(7))
    const cuts = Array.from({ length: bytes.length }, (_, index) => index)
    expect(await read(bytes, cuts)).toEqual([new Uint8Array(300).fill(7)])
  })

  it('are lost when the stream ends within them', async () => {
    expect(await read(Uint8Array.of(1, 9, 5, 1, 2), [])).toEqual([Uint8Array.of(9)])
  })

  it.each<[string, Uint8Array]>([
    ['longer than is allowed', Uint8Array.of(0xe9, 0x07)],
    ['of an endless length', new Uint8Array(20).fill(0xff)],
  ])('are refused when they are %s, before they are there', async (_, bytes) => {
    await expect(read(bytes, [])).rejects.toThrow(/more than 1000 bytes|malformed length/)
  })

  it('have lengths that are whole', () => {
    expect(() => undelimit(new Uint8Array())).toThrow('without a reply')
    expect(() => undelimit(Uint8Array.of(0x80))).toThrow('malformed')
    expect([...undelimit(Uint8Array.of(0))]).toEqual([])
  })
})
