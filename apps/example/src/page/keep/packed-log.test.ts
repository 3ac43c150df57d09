import type { Change } from '@reliable-channels/store'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PackedLog } from './packed-log.ts'

const change: fc.Arbitrary<Change> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'alice/sds/é', 'page/state'),
  value: fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined }),
})

describe('the packed log', () => {
  it('has on disk what was written, whenever it is read again, in a bounded number of records', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 150 }), (writes) => {
        const disk = new Map<string, Uint8Array>()
        const expected = new Map<string, Uint8Array>()
        let log = new PackedLog(disk)
        for (const [i, changes] of writes.entries()) {
          for (const { key, value } of changes)
            if (value === undefined) expected.delete(key)
            else expected.set(key, value)
          for (const { key, value } of log.write(changes))
            if (value === undefined) disk.delete(key)
            else disk.set(key, value)
          expect(disk.size).toBeLessThanOrEqual(64)
          if (i % 40 === 39) log = new PackedLog(disk)
        }
        expect(new Map(new PackedLog(disk).values)).toEqual(expected)
        expect(new Map(log.values)).toEqual(expected)
      }),
    )
  })

  it('refuses what is no log, or a part of one', () => {
    expect(() => new PackedLog(new Map([['page/state', new Uint8Array(1)]]))).toThrow(RangeError)
    const [written] = new PackedLog(new Map()).write([{ key: 'a', value: Uint8Array.of(1, 2, 3) }])
    const cut = written!.value!.subarray(0, -1)
    expect(() => new PackedLog(new Map([[written!.key, cut]]))).toThrow(RangeError)
  })
})
