import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { type RequestInput, createRequestStage } from './requests.ts'
import { recorded, opened, event, acknowledged } from '../../test/recorded-requests.ts'

describe('requests that come back from a store', () => {
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
    after.tell({
      type: 'resumed',
      follow: () => {},
      reachedNetwork: () => false,
      isTracked: (messageId) => tracked.has(messageId),
    })
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
    expect(
      after.tell({ type: 'resumed', follow: () => {}, reachedNetwork: () => false, isTracked: () => false }),
    ).toEqual(['delivery-error a', 'send-error a', 'closed a'])
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
      reachedNetwork: () => false,
      isTracked: (messageId) => messageId === 'b:1',
    })
    // What SDS has is told of anyway.
    expect(followed).toEqual(['a:0 bob', 'a:1 carol', 'b:0 bob'])
    expect(after.told()).toEqual(['sent a', 'sent b', 'delivery-error a', 'failed a'])
    expect(after.outputs[2]).toMatchObject({ error: expect.stringMatching(/all of it by nobody/) as string })
    const third = recorded([...before.kept, ...after.kept].map(([key, value]) => ({ key, value })))
    expect(
      third.tell({ type: 'resumed', follow: () => {}, reachedNetwork: () => false, isTracked: () => true }),
    ).not.toContain('delivery-error a')
    expect(after.tell(acknowledged('b:1', 'bob')).slice(4)).toEqual(['delivered b', 'closed b'])
    expect(after.tell(acknowledged('a:1', 'bob')).slice(6)).toContain('delivered a')
  })

  it('closes after a restart what was delivered before its dispatch was known', () => {
    const before = recorded()
    before.tell(opened('a', 1), event('released', 'a:0'), acknowledged('a:0'))
    expect(before.told()).toEqual(['delivered a'])
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    expect(after.stage.status('a')?.state).toBe('delivered')
    expect(
      after.tell({ type: 'resumed', follow: () => {}, reachedNetwork: () => false, isTracked: () => false }),
    ).toEqual(['delivered a', 'sent a', 'closed a'])
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
      after.tell({
        type: 'resumed',
        follow: () => {},
        reachedNetwork: (messageId) => messageId === 'sent:0',
        isTracked: (messageId) => messageId === 'sent:0',
      }),
    ).toEqual([
      'send-error delivered',
      'delivered delivered',
      'closed delivered',
      'sent failed',
      'delivery-error failed',
      'failed failed',
      'sent ephemeral',
      'closed ephemeral',
      'sent sent',
    ])
    for (const output of after.outputs) {
      if ('redelivered' in output) expect(output.redelivered).toBe(true)
      else expect(['closed', 'failed']).toContain(output.type)
    }
    expect([...after.kept.keys()].sort()).toEqual(['rfailed', 'rsent'])
    // Nothing is told a third time.
    const third = recorded([...after.kept].map(([key, value]) => ({ key, value })))
    const resumed = {
      type: 'resumed',
      follow: () => {},
      reachedNetwork: () => true,
      isTracked: () => true,
    } as const
    expect(third.tell(resumed)).toEqual(['sent sent'])
  })

  it('does not store that a message of one segment was sent, which a restart knows by what the network has', () => {
    const before = recorded(undefined, false)
    before.tell(
      opened('taken', 1),
      opened('waits', 1),
      opened('parts', 2),
      opened('fleeting', 1, { ephemeral: true }),
    )
    const accepted = new Map(before.kept)
    before.tell(...['taken:0', 'parts:0', 'fleeting:0'].map((messageId) => event('confirmed', messageId)))
    const stored = [...before.kept].filter(([key, value]) => accepted.get(key) !== value).map(([key]) => key)
    // Nobody acknowledges what is ephemeral, and of several segments some may be known to be there.
    expect(stored.sort()).toEqual(['rfleeting', 'segment/parts:0'])
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    after.tell({
      type: 'resumed',
      follow: () => {},
      reachedNetwork: (messageId) => messageId === 'taken:0',
      isTracked: () => true,
    })
    const sent = after.outputs.filter(({ type }) => type === 'sent')
    expect(sent).toEqual([
      { type: 'sent', requestId: 'fleeting', redelivered: true },
      { type: 'sent', requestId: 'taken', redelivered: true },
    ])
    expect(after.stage.status('taken')?.state).toBe('sent')
    expect(after.stage.status('waits')?.state).toBe('queued')
  })

  it('tells the dispatch that ended before a restart though the acknowledgement comes before anything is told', () => {
    const before = recorded()
    before.tell(opened('r', 1), event('released', 'r:0'), event('confirmed', 'r:0'))
    const after = recorded([...before.kept].map(([key, value]) => ({ key, value })))
    after.tell(acknowledged('r:0'))
    expect(
      after.tell({
        type: 'resumed',
        follow: () => {},
        reachedNetwork: () => true,
        isTracked: () => false,
      }),
    ).toEqual(['sent r', 'delivered r', 'closed r'])
    expect(after.outputs[0]).toMatchObject({ type: 'sent', redelivered: true })
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
    const { changes } = stage.handle(
      { type: 'resumed', follow: () => {}, reachedNetwork: () => false, isTracked: () => true },
      0,
    )
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
