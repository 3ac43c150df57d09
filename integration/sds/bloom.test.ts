import { RollingFilter, bloomHas } from '@reliable-channels/sds/core'
import { MessageChannel } from '@waku/sds'
import { describe, expect, it } from 'vitest'

interface TheirFilter {
  insert(id: string): void
  lookup(id: string): boolean
  toBytes(): Uint8Array
}

describe('the filter of the lip dialect', () => {
  it('is byte for byte that of @waku/sds', () => {
    const ours = new RollingFilter('lip', 10_000, 0.001)
    const theirs = (new MessageChannel('channel', 'alice') as unknown as { filter: TheirFilter }).filter
    const ids = Array.from({ length: 300 }, (_, i) => `${i}`.repeat(1 + (i % 30)))
    for (const id of ids) {
      ours.insert(id)
      theirs.insert(id)
    }
    expect(Buffer.from(ours.toWire()).equals(theirs.toBytes())).toBe(true)
    for (const id of ids) expect([bloomHas(ours.bits, id), theirs.lookup(id)]).toEqual([true, true])
  })
})
