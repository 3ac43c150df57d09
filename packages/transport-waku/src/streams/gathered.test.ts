import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readDelimited } from './delimited.ts'
import { Gathered } from './gathered.ts'

describe('gathered bytes', () => {
  it('are those of all pieces, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => {
        const gathered = new Gathered()
        for (const piece of pieces) {
          const before = gathered.bytes
          const copy = before.slice()
          gathered.add(piece)
          expect(before).toEqual(copy)
        }
        expect([...gathered.bytes]).toEqual(pieces.flatMap((piece) => [...piece]))
        expect(gathered.length).toBe(gathered.bytes.length)
      }),
    )
  })

  it('take no more room than all that is to come, and twice their own where that is much more', () => {
    const gathered = new Gathered()
    for (let i = 0; i < 3; i++) gathered.add(new Uint8Array(60_000), 150_000)
    expect(gathered.bytes.buffer.byteLength).toBe(180_000)
    const begun = new Gathered()
    for (let i = 0; i < 2; i++) begun.add(new Uint8Array(50), 1_000_000)
    expect(begun.bytes.buffer.byteLength).toBe(200)
    const whole = new Gathered()
    for (const length of [65_000, 35_000]) whole.add(new Uint8Array(length), 100_000)
    expect(whole.bytes.buffer.byteLength).toBe(100_000)
  })

  it('keep nothing of what their pieces are views of', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    let kept = Infinity
    /** A byte of a frame in each packet, and then silence. */
    async function* begunForEver(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(0x80, 0x80, 0x40)
      const packets: WeakRef<ArrayBuffer>[] = []
      for (let i = 0; i < 1000; i++) {
        const packet = new Uint8Array(2 ** 10)
        packets.push(new WeakRef(packet.buffer))
        yield packet.subarray(0, 1)
      }
      // A weak reference keeps its target until the end of the job.
      await new Promise((resolve) => setImmediate(resolve))
      collect()
      kept = packets.filter((packet) => packet.deref() !== undefined).length
    }
    for await (const _ of readDelimited(begunForEver(), 2 ** 20)) expect.unreachable()
    expect(kept).toBeLessThan(10)
  })
})
