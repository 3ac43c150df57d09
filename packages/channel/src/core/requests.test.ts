import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { type RequestInput } from './requests.ts'
import { recorded, opened, event, acknowledged, withdrawn } from '../../test/recorded-requests.ts'

describe('requests', () => {
  it('reports a request sent once when its one segment is confirmed', () => {
    // SND-08 SND-13 SND-14
    const { stage, tell } = recorded()
    tell(opened('a', 1))
    expect(stage.status('a')?.state).toBe('queued')
    tell(event('released', 'a:0'))
    expect(stage.status('a')).toMatchObject({ state: 'sending', segments: { released: 1, confirmed: 0 } })
    expect(tell(event('confirmed', 'a:0'))).toEqual(['sent a'])
    expect(stage.status('a')?.state).toBe('sent')
  })

  it('waits for all siblings before it calls a request failed', () => {
    // SND-16 SND-17
    const { tell, outputs } = recorded()
    expect(tell(opened('a', 3), event('released', 'a:0'), event('failed', 'a:0'))).toEqual([])
    expect(tell(event('released', 'a:1'), event('confirmed', 'a:1'))).toEqual([])
    expect(tell(event('failed', 'a:2'))).toEqual(['send-error a'])
    expect(outputs[0]).toMatchObject({ error: 'one or more segments failed' })
  })

  it('never leaves a final state and ends dispatch once', () => {
    // SND-08 SND-18
    const { stage, tell } = recorded()
    tell(opened('a', 1), event('released', 'a:0'), event('failed', 'a:0'))
    expect(tell(event('confirmed', 'a:0'), event('failed', 'a:0'), event('released', 'a:0'))).toEqual([
      'send-error a',
    ])
    expect(stage.status('a')?.segments).toMatchObject({ confirmed: 0, failed: 1, released: 1 })
  })

  it('fails a segment that never got past the rate limit', () => {
    // SND-08
    const { tell } = recorded()
    expect(tell(opened('a', 1), event('failed', 'a:0'))).toEqual(['send-error a'])
  })

  it('ignores outcomes of messages that it does not know', () => {
    // SND-19
    const { stage, tell } = recorded()
    tell(opened('a', 1))
    expect(
      tell(event('confirmed', 'x'), event('failed', 'x'), event('released', 'x'), acknowledged('x')),
    ).toEqual([])
    expect(stage.status('a')?.state).toBe('queued')
  })

  it('keeps the outcomes of two requests apart', () => {
    // SND-15
    const { stage, tell } = recorded()
    tell(opened('a', 1), opened('b', 1), event('released', 'a:0'), event('released', 'b:0'))
    expect(tell(event('confirmed', 'a:0'))).toEqual(['sent a'])
    expect(stage.status('b')?.state).toBe('sending')
    expect(tell(event('failed', 'b:0'))).toEqual(['sent a', 'send-error b'])
  })

  it('delivers when one member has enough to rebuild it, parity as well as data, and names him (N4)', () => {
    const { tell, outputs } = recorded()
    tell(opened('a', 3, { dataCount: 2 }))
    expect(tell(acknowledged('a:0', 'bob'), acknowledged('a:1', 'carol'))).toEqual([])
    expect(tell(acknowledged('a:2', 'bob'))).toEqual(['delivered a'])
    expect(outputs[0]).toMatchObject({ deliveredTo: ['bob'] })
  })

  it('is not delivered while each of two members has half of it (N4)', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 4))
    expect(
      tell(
        acknowledged('a:0', 'bob'),
        acknowledged('a:1', 'carol'),
        acknowledged('a:2', 'bob'),
        acknowledged('a:3', 'carol'),
        acknowledged('a:3', 'carol'),
      ),
    ).toEqual([])
    expect(stage.status('a')).toMatchObject({ segments: { acknowledged: 4 }, deliveredTo: [] })
  })

  it('is delivered to a member whom no segment names any more, for all the others (N4)', () => {
    const { tell, outputs } = recorded()
    tell(opened('a', 2))
    // In a group of hundreds those come first, for each segment others.
    for (let i = 0; i < 100; i++) tell(acknowledged('a:0', `one-${i}`), acknowledged('a:1', `two-${i}`))
    expect(tell(acknowledged('a:0', 'bob'), acknowledged('a:1', 'bob'))).toEqual(['delivered a'])
    expect(outputs[0]).toMatchObject({ deliveredTo: ['bob'] })
  })

  it('delivers a request whose dispatch failed, when retransmission got it through', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 1), event('failed', 'a:0'))
    expect(stage.status('a')?.state).toBe('send-failed')
    expect(tell(acknowledged('a:0'))).toEqual(['send-error a', 'delivered a', 'closed a'])
  })

  it('gives up delivery for a data segment, and not for parity', () => {
    const { tell } = recorded()
    tell(opened('a', 2, { dataCount: 1 }))
    expect(tell(event('delivery-failed', 'a:1'))).toEqual([])
    expect(tell(event('delivery-failed', 'a:0'))).toEqual(['delivery-error a'])
  })

  it('is delivered late when somebody who was away acknowledges after all, flagged', () => {
    // F2
    const { stage, tell, outputs, kept } = recorded()
    tell(opened('a', 2), event('confirmed', 'a:0'), event('confirmed', 'a:1'), acknowledged('a:1'))
    expect(tell(event('delivery-failed', 'a:0'))).toEqual(['sent a', 'delivery-error a', 'failed a'])
    expect(stage.status('a')?.state).toBe('delivery-failed')
    tell(event('delivery-failed', 'a:0'), acknowledged('a:0'))
    expect(outputs.slice(3)).toEqual([
      { type: 'delivered', requestId: 'a', deliveredTo: ['bob'], late: true },
      { type: 'closed', requestId: 'a' },
    ])
    expect(kept.size).toBe(0)
  })

  it('is delivered late after a restart too, which tells the failure no second time', () => {
    // F2
    const before = recorded()
    before.tell(opened('a', 1), event('confirmed', 'a:0'), event('delivery-failed', 'a:0'))
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    expect(
      after.tell({ type: 'resumed', follow: () => {}, reachedNetwork: () => false, isTracked: () => true }),
    ).toEqual([])
    expect(after.stage.status('a')?.state).toBe('delivery-failed')
    after.tell(acknowledged('a:0'))
    expect(after.outputs[0]).toMatchObject({ type: 'delivered', late: true })
  })

  it('keeps no more of those that failed than a thousand, and then forgets the oldest', () => {
    const { stage, tell, told } = recorded()
    for (let i = 0; i <= 1000; i++) {
      const id = `r${i}`
      tell(opened(id, 1), event('confirmed', `${id}:0`), event('delivery-failed', `${id}:0`))
    }
    expect(told().at(-1)).toBe('closed r0')
    expect([...stage.open()]).toHaveLength(1000)
  })

  it('is sent late when the network says too late that it took what counted as failed', () => {
    // F15
    const { stage, tell, outputs } = recorded()
    tell(opened('a', 2), event('failed', 'a:0'), event('confirmed', 'a:1'))
    expect(outputs).toEqual([
      { type: 'send-error', requestId: 'a', error: 'one or more segments failed', certain: false },
    ])
    tell(event('confirmed', 'a:0'))
    expect(outputs).toHaveLength(1)
    tell({ type: 'confirmed', messageId: 'a:0', late: true })
    expect(outputs.slice(1)).toEqual([{ type: 'sent', requestId: 'a', late: true }])
    expect(stage.status('a')).toMatchObject({ state: 'sent', segments: { confirmed: 2, failed: 0 } })
  })

  it('forgets an ephemeral request with its dispatch, and every other with both outcomes', () => {
    // SND-31
    const { stage, tell, told, kept } = recorded()
    tell(opened('a', 1, { ephemeral: true }), opened('b', 1))
    expect(tell(event('confirmed', 'a:0'))).toEqual(['sent a', 'closed a'])
    tell(event('confirmed', 'b:0'), acknowledged('b:0'))
    expect(told().slice(2)).toEqual(['sent b', 'delivered b', 'closed b'])
    expect([...stage.open()]).toEqual([])
    expect(kept.size).toBe(0)
  })

  it('cancels only what was not released', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 2), opened('b', 2), event('released', 'b:0'))
    expect(tell({ type: 'cancelled', requestId: 'a' }, { type: 'cancelled', requestId: 'b' })).toEqual([
      'send-error a',
      'closed a',
    ])
    expect(stage.status('b')?.state).toBe('sending')
  })

  it('agrees with the rule that scans all segments, in any order of events', () => {
    // SND-16 SND-18 SND-19
    const inputs = fc.array(
      fc.record({
        type: fc.constantFrom('released' as const, 'confirmed' as const, 'failed' as const),
        messageId: fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(3)).map(([id, i]) => `${id}:${i}`),
      }),
      { maxLength: 80, size: 'max' },
    )
    fc.assert(
      fc.property(inputs, (events) => {
        const { tell, outputs } = recorded()
        const requests = { a: 1, b: 2, c: 4 }
        for (const [id, count] of Object.entries(requests)) tell(opened(id, count))
        tell(...events)
        const final = new Map<string, string>()
        const expected: string[] = []
        for (const { type, messageId } of events) {
          const id = messageId[0]! as keyof typeof requests
          if (type === 'released' || Number(messageId.slice(2)) >= requests[id] || final.has(messageId))
            continue
          final.set(messageId, type)
          const states = [...final].filter(([key]) => key[0] === id).map(([, state]) => state)
          if (states.length === requests[id])
            expected.push(`${states.includes('failed') ? 'send-error' : 'sent'} ${id}`)
        }
        expect(outputs.map((output) => `${output.type} ${output.requestId}`)).toEqual(expected)
      }),
    )
  })
})

// F21
describe('whether an error is certain', () => {
  const failed = (messageId: string, certain: boolean): RequestInput => ({
    type: 'failed',
    messageId,
    certain,
  })
  const restored = (kept: ReadonlyMap<string, Uint8Array>): ReturnType<typeof recorded> =>
    recorded([...kept].map(([key, value]) => ({ key, value })))

  it.each([1, 2])('is known after a restart too, of %i segments', (count) => {
    for (const certain of [true, false]) {
      const before = recorded(undefined, false)
      before.tell(
        opened('a', count),
        ...[...Array(count).keys()].map((i) => failed(`a:${i}`, certain || i > 0)),
      )
      const after = restored(before.kept)
      expect(after.stage.status('a')).toMatchObject({ state: 'send-failed', certain })
      after.tell({ type: 'resumed', isTracked: () => true, reachedNetwork: () => false, follow: () => {} })
      expect(after.outputs).toMatchObject([{ type: 'send-error', certain, redelivered: true }])
    }
  })

  it('is so again when the segment of which it was not known is confirmed late', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 2), failed('a:0', false), failed('a:1', true))
    expect(stage.status('a')).toMatchObject({ certain: false })
    tell({ type: 'confirmed', messageId: 'a:0', late: true })
    expect(stage.status('a')).toMatchObject({ state: 'send-failed', certain: true })
  })
})

describe('a request of which each part is acknowledged, and all of it by nobody', () => {
  const WAIT_MS = 900_000
  const parts = [acknowledged('a:0', 'bob'), acknowledged('a:1', 'carol')]
  const all = [opened('a', 2), event('confirmed', 'a:0'), event('confirmed', 'a:1'), ...parts]

  it('is undelivered when nobody was heard to have more of it for long, and delivered late', () => {
    const { stage, tell, outputs } = recorded()
    expect([tell(...all), stage.deadline()]).toEqual([['sent a'], WAIT_MS])
    expect(stage.tick(WAIT_MS - 1).outputs).toEqual([])
    const { outputs: ended } = stage.tick(WAIT_MS)
    expect(ended.map(({ type }) => type)).toEqual(['status', 'delivery-error', 'failed'])
    expect(stage.status('a')).toMatchObject({ state: 'delivery-failed' })
    expect(stage.deadline()).toBeUndefined()
    tell({ type: 'told', requestId: 'a' }, acknowledged('a:1', 'bob'))
    expect(outputs.at(-2)).toMatchObject({ type: 'delivered', deliveredTo: ['bob'], late: true })
  })

  it('waits anew after a sleep, and no longer for what is lost, or delivered', () => {
    const { stage, tell } = recorded()
    tell(...all)
    expect(stage.tick(WAIT_MS + 3_600_000).outputs).toEqual([])
    expect(stage.deadline()).toBe(2 * WAIT_MS + 3_600_000)
    tell(withdrawn('a:0'))
    expect(stage.deadline()).toBeUndefined()
    tell(acknowledged('a:0', 'bob'))
    expect(stage.deadline()).toBe(WAIT_MS)
    tell(acknowledged('a:1', 'bob'))
    expect(stage.deadline()).toBeUndefined()
  })
})
