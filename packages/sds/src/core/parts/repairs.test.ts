import { EntryNumbers } from '@reliable-channels/stage/core'
import { describe, expect, it } from 'vitest'
import type { SdsOptions } from '../options.ts'
import { settingsOf } from '../defaults.ts'
import { DueHeap } from './due-heap.ts'
import { Lifetime } from './lifetime.ts'
import { type Answer, Repairs } from './repairs.ts'

const NOW = 1_750_000_000_000

function repairsWith(options: Partial<SdsOptions>): { repairs: Repairs; timers: DueHeap<Answer> } {
  const timers = new DueHeap<Answer>()
  const settings = settingsOf({ participantId: 'bob', channelId: 'channel', random: () => 0, ...options })
  return { repairs: new Repairs(settings, timers, new Lifetime(), new EntryNumbers(), undefined), timers }
}

describe('repairs', () => {
  it('are given at once until a second’s bytes were given, and then as fast as those allow', () => {
    const { repairs, timers } = repairsWith({ repair: { maxBytesPerSecond: 1_000 } })
    expect(repairs.putOff('a', NOW)).toBe(false)
    repairs.pay(1_000, NOW)
    expect(repairs.putOff('b', NOW)).toBe(false)
    repairs.pay(500, NOW)
    expect(repairs.putOff('c', NOW)).toBe(true)
    expect(timers.next).toBe(NOW + 500)
    expect(repairs.putOff('c', NOW + 500)).toBe(false)
  })

  it('wait for an epoch’s share where the quota is tight and eight are on their way', () => {
    const { repairs, timers } = repairsWith({ paceMs: 600_000 })
    for (let i = 0; i < 8; i++) {
      expect(repairs.putOff(`m${i}`, NOW)).toBe(false)
      repairs.give(`m${i}`, NOW, true)
    }
    expect(repairs.putOff('m8', NOW)).toBe(true)
    expect(timers.next).toBe(NOW + 600_000)
    repairs.end('m0', NOW)
    expect(repairs.putOff('m8', NOW)).toBe(false)
  })

  it('keep their times when the clock is set back', () => {
    const { repairs } = repairsWith({ repair: { maxBytesPerSecond: 1_000 } })
    repairs.pay(3_000, NOW)
    repairs.shift(-60_000)
    expect(repairs.putOff('a', NOW - 60_000 + 1_999)).toBe(true)
    expect(repairs.putOff('a', NOW - 60_000 + 2_000)).toBe(false)
  })
})
