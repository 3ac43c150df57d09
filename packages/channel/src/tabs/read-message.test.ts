import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import { encode } from '../../test/restarting.ts'
import { setUpTabs } from '../../test/tabs.ts'
import { cloneable } from './cloneable.ts'
import type { TabsMessage } from './messages.ts'
import { readMessage, toPost } from './read-message.ts'

const segments = { total: 1, data: 1, released: 0, confirmed: 0, failed: 0, acknowledged: 0 }
const news = {
  requestId: 'r',
  ephemeral: false,
  status: { state: 'queued', segments, deliveredTo: [] },
  accepted: false,
  ended: false,
} as const
const counts = { any: 1 } as never
const stats = {
  messages: counts,
  out: counts,
  in: counts,
  sds: counts,
  waiting: counts,
  quota: counts,
  drops: counts,
}
const channel = { channelId: 'c', contentTopic: '/a/1/b/proto', senderId: 's', stats }
const error = { name: 'Error', message: 'm' }
const received = {
  payload: new Uint8Array(1),
  senderId: 'bob',
  messageId: 'm',
  late: false,
  ephemeral: false,
  redelivered: false,
}

/** One of each kind. */
const MESSAGES: readonly TabsMessage[] = [
  { type: 'here', from: 'a', topics: ['incoming', 'receipts:r'], asks: true },
  { type: 'bye', from: 'a' },
  {
    type: 'call',
    from: 'a',
    call: 1,
    method: 'send',
    args: { requestId: 'r', payload: new Uint8Array(1), options: { order: 'none' } },
  },
  { type: 'call', from: 'a', call: 1, method: 'follow', args: { requestIds: ['r'] } },
  { type: 'call', from: 'a', call: 1, method: 'cancel', args: { requestId: 'r' } },
  { type: 'call', from: 'a', call: 1, method: 'history', args: { limit: 5 } },
  { type: 'call', from: 'a', call: 1, method: 'ready', args: { bytes: 5 } },
  { type: 'call', from: 'a', call: 1, method: 'ack', args: { messageId: 'm' } },
  { type: 'drop', from: 'a', call: 1 },
  { type: 'leading', from: 'a', term: 1 },
  { type: 'leading', from: 'a', term: 1, channel },
  { type: 'value', from: 'a', term: 1, topic: 'incoming', value: received },
  { type: 'value', from: 'a', term: 1, topic: 'receipts:r', value: ['bob'], to: 'b' },
  { type: 'requests', from: 'a', term: 1, news: [news] },
  { type: 'answer', from: 'a', term: 1, to: 'b', call: 1, value: undefined },
  { type: 'refusal', from: 'a', term: 1, to: 'b', call: 1, error },
  { type: 'echo', from: 'a', term: 1 },
  { type: 'call', from: 'a', call: 1, method: 'await', args: { requestId: 'r', members: ['bob'] } },
]

/** Copies of a value with one thing in it exchanged. */
function* spoilt(value: unknown): Generator {
  for (const instead of [undefined, null, 'x'.repeat(5_000), -1, 0.5, [], {}, true]) yield instead
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  for (const [name, each] of Object.entries(value)) {
    for (const bad of spoilt(each)) yield Array.isArray(value) ? [bad] : { ...value, [name]: bad }
  }
}

describe('what tabs say to each other', () => {
  it('is read as it was said', () => {
    for (const message of MESSAGES)
      expect(readMessage(structuredClone(toPost(message)))).toEqual(toPost(message))
  })

  it('is passed over when it is none of these, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        expect(readMessage(data)).toBeUndefined()
      }),
    )
    const wrong: unknown[] = [
      { ...toPost(MESSAGES[0]!), topics: ['toString'] },
      { ...toPost(MESSAGES[0]!), topics: Array(10_001).fill('incoming') },
      { ...toPost(MESSAGES[1]!), type: 'constructor' },
      { ...toPost(MESSAGES[2]!), method: 'toString' },
      { ...toPost(MESSAGES[2]!), args: { requestId: 'r', payload: 'text', options: {} } },
      { ...toPost(MESSAGES[9]!), term: undefined },
      { ...toPost(MESSAGES[9]!), term: Number.NaN },
      { ...toPost(MESSAGES[11]!), value: { ...received, payload: [1] } },
      { ...toPost(MESSAGES[13]!), news: [{ ...news, status: { state: 'queued' } }] },
    ]
    expect(wrong.map(readMessage)).toEqual(wrong.map(() => undefined))
  })

  it('of another version is heard to lead, and not understood', () => {
    expect(readMessage({ v: 2, type: 'leading', from: 'a', term: 5, anything: {} })).toEqual({
      type: 'foreign',
      term: 5,
    })
    expect(readMessage({ v: 2, type: 'here', from: 'a' })).toBeUndefined()
  })

  it('disturbs no tab, whatever it is', async () => {
    const { open, net, pass, origin } = setUpTabs()
    const bob = await net.open('bob', memoryStore())
    const tabs = [await open(), await open()]
    let said = 0
    for (const message of MESSAGES) {
      for (const bad of spoilt(toPost({ ...message, ...('term' in message && { term: 0 }) }))) {
        origin.say(bad)
        if (++said % 500 === 0) await pass(20)
      }
    }
    expect(said).toBeGreaterThan(1_000)
    await pass(100)
    const requests = tabs.map(({ chat }, i) => chat.send(encode(`from tab ${i}`)))
    bob.channel.send(encode('hello'))
    await pass(10_000)
    expect(requests.map(({ status }) => status.state)).toEqual(['delivered', 'delivered'])
    expect(bob.received.filter((text) => text.startsWith('from tab'))).toHaveLength(2)
    for (const { received: texts, chat } of tabs) {
      expect(texts).toEqual(['hello'])
      expect(['leader', 'follower']).toContain(chat.role)
    }
  })

  it('that cannot be copied goes without what is in the way', () => {
    class OddError extends Error {
      readonly code = 'ERR_ODD'
      readonly socket = () => {}
    }
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    const odd = {
      detail: { error: new OddError('odd'), list: [() => {}, 1], circle },
      payload: new Uint8Array(2),
    }
    const copy = cloneable(odd) as typeof odd
    expect(structuredClone(copy)).toEqual(copy)
    expect(copy.detail.error).toEqual({ name: 'Error', message: 'odd', code: 'ERR_ODD' })
    expect(copy.payload).toEqual(new Uint8Array(2))
  })
})
