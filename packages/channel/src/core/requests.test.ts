import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { RequestOutput } from './request-outcome.ts'
import { type RequestInput, createRequestStage } from './requests.ts'

/** A stage and all that it put out, statuses left out. `hears`: whether somebody is there to be told of what ends. */
function recorded(restore?: Parameters<typeof createRequestStage>[0], hears = true) {
  const stage = createRequestStage(restore)
  const kept = new Map<string, Uint8Array>()
  const outputs: Exclude<RequestOutput, { type: 'status' }>[] = []
  const told = (): string[] => outputs.map(({ type, requestId }) => `${type} ${requestId}`)
  return {
    stage,
    outputs,
    kept,
    tell(...inputs: RequestInput[]) {
      for (const input of inputs) {
        const step = stage.handle(input, 0)
        for (const { key, value } of step.changes) {
          if (value === undefined) kept.delete(key)
          else kept.set(key, value)
        }
        for (const output of step.outputs) {
          if (output.type !== 'status') outputs.push(output)
          const isEnd = output.type === 'closed' || output.type === 'failed'
          if (isEnd && hears) inputs.push({ type: 'told', requestId: output.requestId })
        }
      }
      return told()
    },
    told,
  }
}

const opened = (requestId: string, count: number, extra: { dataCount?: number; ephemeral?: boolean } = {}) =>
  ({
    type: 'opened',
    requestId,
    messageId: count === 1 ? `${requestId}:0` : requestId,
    messageIds: Array.from({ length: count }, (_, i) => `${requestId}:${i}`),
    dataCount: extra.dataCount ?? count,
    ephemeral: extra.ephemeral ?? false,
  }) satisfies RequestInput
const event = (
  type: 'released' | 'confirmed' | 'failed' | 'delivery-failed',
  messageId: string,
): RequestInput => ({ type, messageId })
const acknowledged = (messageId: string, by = 'bob'): RequestInput => ({
  type: 'acknowledged',
  messageId,
  by,
})

const withdrawn = (messageId: string, by = 'bob'): RequestInput => ({
  type: 'acknowledgement-withdrawn',
  messageId,
  by,
})

describe('a request of which somebody has lost what he acknowledged', () => {
  // F10
  it('does not count what he lost, which is sent to him again, and is delivered when he has all of it', () => {
    const { stage, tell, outputs } = recorded()
    tell(opened('a', 2), acknowledged('a:0'))
    expect(tell(withdrawn('a:0'), acknowledged('a:1'))).toEqual(['send-again a'])
    expect(outputs).toEqual([{ type: 'send-again', requestId: 'a', messageId: 'a:0', by: 'bob' }])
    expect(stage.status('a')).toMatchObject({ segments: { acknowledged: 1 }, deliveredTo: [] })
    expect(tell(acknowledged('a:0'))).toEqual(['send-again a', 'delivered a'])
    expect(outputs.at(-1)).toMatchObject({ deliveredTo: ['bob'] })
  })

  // F10
  it('is not delivered any more where he alone had it, and is again when somebody has it', () => {
    const { stage, tell, outputs } = recorded()
    tell(opened('a', 2), acknowledged('a:0'), acknowledged('a:1'))
    expect(tell(withdrawn('a:1'), withdrawn('a:0'))).toEqual(['delivered a', 'send-again a', 'send-again a'])
    expect(stage.status('a')).toMatchObject({ state: 'queued', deliveredTo: [] })
    tell(acknowledged('a:0', 'carol'), acknowledged('a:1', 'carol'))
    expect(outputs.at(-1)).toMatchObject({ type: 'delivered', deliveredTo: ['carol'], again: true })
  })

  it('stays delivered to the others, and is not sent again for that', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 1), acknowledged('a:0'), acknowledged('a:0', 'carol'))
    expect(tell(withdrawn('a:0'))).toEqual(['delivered a'])
    expect(stage.status('a')).toMatchObject({ state: 'delivered', deliveredTo: ['carol'] })
  })

  it('is the same where nobody knew of it, or he was not known to have it', () => {
    const { tell } = recorded()
    tell(opened('a', 1), acknowledged('a:0'))
    expect(tell(withdrawn('a:0', 'carol'), withdrawn('x'))).toEqual(['delivered a'])
  })

  it('is undelivered, and says why, where it cannot be sent again', () => {
    const { stage, tell } = recorded()
    tell(opened('a', 2), acknowledged('a:0'), withdrawn('a:0'))
    tell({ type: 'delivery-failed', messageId: 'a:0', forgotten: true })
    expect(stage.status('a')).toMatchObject({
      state: 'delivery-failed',
      error: 'lost by who had it, and no longer kept',
    })
  })

  it('does not count it after a restart either', () => {
    const before = recorded()
    before.tell(opened('a', 2), acknowledged('a:0'), withdrawn('a:0'))
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    expect(after.tell(acknowledged('a:1'))).not.toContain('delivered a')
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
      after.tell({ type: 'resumed', isTracked: () => true, follow: () => {} })
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
    expect(after.tell({ type: 'resumed', follow: () => {}, isTracked: () => true })).toEqual([])
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

  it('comes back from its changes with what was open, to the same end', () => {
    const before = recorded()
    before.tell(
      opened('a', 2),
      opened('b', 1),
      opened('c', 1),
      event('confirmed', 'a:0'),
      event('released', 'a:1'),
      acknowledged('a:0'),
    )
    before.tell(event('confirmed', 'c:0'), acknowledged('c:0'))
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    expect([...after.stage.open()].sort()).toEqual(['a', 'b'])
    expect(after.stage.status('a')?.segments).toMatchObject({ confirmed: 1, released: 1, acknowledged: 1 })
    expect(after.tell(event('confirmed', 'a:1'), acknowledged('a:1'))).toEqual([
      'sent a',
      'delivered a',
      'closed a',
    ])
  })

  it('ends what SDS should have and has not after a restart, and says why', () => {
    const before = recorded()
    before.tell(
      opened('a', 2),
      opened('b', 3, { dataCount: 2 }),
      opened('c', 1),
      opened('d', 1, { ephemeral: true }),
    )
    before.tell(
      event('confirmed', 'a:0'),
      event('confirmed', 'a:1'),
      acknowledged('a:0'),
      event('confirmed', 'b:0'),
    )
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    const tracked = new Set(['a:0', 'b:0', 'b:1', 'c:0'])
    after.tell({ type: 'resumed', follow: () => {}, isTracked: (messageId) => tracked.has(messageId) })
    // That it was sent is told again. A parity segment is no loss.
    expect(after.told()).toEqual(['sent a', 'delivery-error a', 'closed a', 'send-error d', 'closed d'])
    expect(after.outputs[1]).toMatchObject({ error: expect.stringMatching(/damaged/) as string })
    expect([...after.stage.open()]).toEqual(['b', 'c'])
    expect(after.stage.status('b')?.segments).toMatchObject({ confirmed: 1, failed: 1 })
  })

  it('leaves nothing in the store of what ended with a restart', () => {
    const before = recorded()
    before.tell(opened('a', 3), event('confirmed', 'a:1'))
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    for (const [key, value] of before.kept) after.kept.set(key, value)
    expect(after.tell({ type: 'resumed', follow: () => {}, isTracked: () => false })).toEqual([
      'delivery-error a',
      'send-error a',
      'closed a',
    ])
    expect([...after.kept.keys()]).toEqual([])
  })

  it('does not call delivered after a restart of what each of two members had a half, and ends it (N4)', () => {
    const before = recorded()
    before.tell(
      opened('a', 2),
      opened('b', 2),
      ...['a:0', 'a:1', 'b:0', 'b:1'].map((id) => event('confirmed', id)),
      acknowledged('a:0', 'bob'),
      acknowledged('a:1', 'carol'),
      acknowledged('b:0', 'bob'),
    )
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    expect(after.stage.status('a')).toMatchObject({ state: 'sent', deliveredTo: [] })
    const followed: string[] = []
    after.tell({
      type: 'resumed',
      follow: (messages) =>
        followed.push(...messages.map((each) => `${each.messageId} ${each.acknowledgedBy.join()}`)),
      isTracked: (messageId) => messageId === 'b:1',
    })
    // What SDS has is told of anyway.
    expect(followed).toEqual(['a:0 bob', 'a:1 carol', 'b:0 bob'])
    expect(after.told()).toEqual(['sent a', 'sent b', 'delivery-error a', 'failed a'])
    expect(after.outputs[2]).toMatchObject({ error: expect.stringMatching(/all of it by nobody/) as string })
    const third = recorded([...before.kept, ...after.kept].map(([key, value]) => ({ key, value })))
    expect(third.tell({ type: 'resumed', follow: () => {}, isTracked: () => true })).not.toContain(
      'delivery-error a',
    )
    expect(after.tell(acknowledged('b:1', 'bob')).slice(4)).toEqual(['delivered b', 'closed b'])
    expect(after.tell(acknowledged('a:1', 'bob')).slice(6)).toContain('delivered a')
  })

  it('closes after a restart what was delivered before its dispatch was known', () => {
    const before = recorded()
    before.tell(opened('a', 1), event('released', 'a:0'), acknowledged('a:0'))
    expect(before.told()).toEqual(['delivered a'])
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    expect(after.stage.status('a')?.state).toBe('delivered')
    expect(after.tell({ type: 'resumed', follow: () => {}, isTracked: () => false })).toEqual([
      'delivered a',
      'sent a',
      'closed a',
    ])
    expect(after.outputs.map((output) => 'redelivered' in output && output.redelivered)).toEqual([
      true,
      false,
      false,
    ])
  })

  it('tells after a restart how those ended that may not have been heard of, and then forgets them', () => {
    const ended: RequestInput[] = [
      opened('sent', 1),
      opened('delivered', 2),
      opened('failed', 1),
      opened('ephemeral', 1, { ephemeral: true }),
      event('confirmed', 'sent:0'),
      event('confirmed', 'delivered:0'),
      event('failed', 'delivered:1'),
      acknowledged('delivered:1'),
      acknowledged('delivered:0'),
      event('confirmed', 'failed:0'),
      event('delivery-failed', 'failed:0'),
      event('confirmed', 'ephemeral:0'),
    ]
    const before = recorded(undefined, false)
    before.tell(...ended)
    const entries = [...before.kept].map(([key, value]) => ({ key, value }))
    const after = recorded(entries)
    after.kept.clear()
    for (const { key, value } of entries) after.kept.set(key, value)
    expect(
      after.tell({ type: 'resumed', follow: () => {}, isTracked: (messageId) => messageId === 'sent:0' }),
    ).toEqual([
      'sent sent',
      'send-error delivered',
      'delivered delivered',
      'closed delivered',
      'sent failed',
      'delivery-error failed',
      'failed failed',
      'sent ephemeral',
      'closed ephemeral',
    ])
    for (const output of after.outputs) {
      if ('redelivered' in output) expect(output.redelivered).toBe(true)
      else expect(['closed', 'failed']).toContain(output.type)
    }
    expect([...after.kept.keys()].sort()).toEqual(['rfailed', 'rsent'])
    // Nothing is told a third time.
    const third = recorded([...after.kept].map(([key, value]) => ({ key, value })))
    expect(third.tell({ type: 'resumed', follow: () => {}, isTracked: () => true })).toEqual(['sent sent'])
  })

  it('tells the dispatch that ended before a restart though the acknowledgement comes before anything is told', () => {
    const before = recorded()
    before.tell(opened('r', 1), event('released', 'r:0'), event('confirmed', 'r:0'))
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    after.tell(acknowledged('r:0'))
    expect(after.tell({ type: 'resumed', follow: () => {}, isTracked: () => false })).toEqual([
      'delivered r',
      'closed r',
      'sent r',
      'closed r',
    ])
    expect(after.outputs[2]).toMatchObject({ type: 'sent', redelivered: true })
    expect(after.kept).toEqual(new Map())
  })

  it('knows after a restart who acknowledged before it, whoever was the first', () => {
    const before = recorded()
    before.tell(opened('a', 3), ...[0, 1, 2].map((i) => event('confirmed', `a:${i}`)))
    before.tell(
      acknowledged('a:0', '\ufeffbob'),
      acknowledged('a:0', 'carol'),
      acknowledged('a:1', '\ufeffbob'),
      acknowledged('a:1', 'carol'),
      acknowledged('a:1', 'carol'),
    )
    for (const last of ['carol', '\ufeffbob']) {
      const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
      // Each segment is acknowledged by somebody then, all by nobody (N4).
      expect(after.tell(acknowledged('a:2', 'dave'), acknowledged('a:2', 'eve'))).toEqual([])
      expect(after.tell(acknowledged('a:2', last))).toEqual(['delivered a', 'closed a'])
      expect(after.outputs.find(({ type }) => type === 'delivered')).toMatchObject({ deliveredTo: [last] })
    }
  })

  it('names no more than 64 for each segment, so that a group of hundreds makes no large records', () => {
    const { tell, kept, outputs } = recorded()
    tell(opened('a', 2))
    for (let i = 0; i < 100; i++) tell(acknowledged('a:0', `member-${i}`))
    expect(kept.get('segment/a:0')!.length).toBeLessThan(64 * 12)
    tell(acknowledged('a:1', 'member-63'))
    expect(outputs.findLast(({ type }) => type === 'delivered')).toMatchObject({ deliveredTo: ['member-63'] })
  })

  it('reports what it cannot read, and clears it away', () => {
    const before = recorded()
    before.tell(opened('a', 2), opened('b', 2), opened('c', 1))
    before.tell(event('released', 'a:0'), event('failed', 'a:0'))
    before.kept.set('request/a', Uint8Array.of(9, 9))
    before.kept.set('segment/b:0', Uint8Array.of(0xff))
    before.kept.set('rc', Uint8Array.of(1, 0xff))
    const corrupt: string[] = []
    const entries = [...before.kept].map(([key, value]) => ({ key, value }))
    const stage = createRequestStage(entries, (key) => corrupt.push(key))
    expect(corrupt.sort()).toEqual(['rc', 'request/a', 'segment/b:0'])
    const { changes } = stage.handle({ type: 'resumed', follow: () => {}, isTracked: () => true }, 0)
    expect(changes.map(({ key, value }) => `${key} ${String(value)}`).sort()).toEqual([
      'rc undefined',
      'request/a undefined',
      'segment/a:0 undefined',
      'segment/b:0 undefined',
    ])
    expect([...stage.open()]).toEqual(['b'])
  })

  it('skips records that are not its own', () => {
    const bytes = fc.uint8Array({ maxLength: 40, size: 'max' })
    fc.assert(
      fc.property(bytes, bytes, (request, segment) => {
        createRequestStage([
          { key: 'request/x', value: request },
          { key: 'segment/y', value: segment },
          { key: 'rx', value: request },
          { key: 'other', value: segment },
        ])
      }),
    )
  })
})
