import { keccak256 } from '@reliable-channels/keccak'
import { describe, expect, it } from 'vitest'
import { encodeNote, vectorOf } from './note.ts'
import { type Judged, Truth, newMemory } from './truth.ts'

const MINUTE_MS = 60_000

const member = (name: string): Judged => ({
  name,
  memory: newMemory(0),
  lives: 1,
  clockMs: { least: 0, most: 0 },
  isGone: false,
  isRunning: true,
  reachableSinceMs: 0,
  stoodMs: 0,
})

const FRAME = { senderId: 'bob', channelId: 'a', lamport: 1n, causalHistory: [], repairRequest: [] }

/** bob has said 1 to 4, one after the other; dave, whose memory begins with them, is told what he gets. */
function judge() {
  let nowMs = 0
  const truth = new Truth(() => nowMs)
  const payloads = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const n of [1, 2, 3, 4]) {
    const earlier = Array.from({ length: n - 1 }, (_, i) => `bob:${i + 1}`)
    const id = `bob:${n}`
    const payload = Uint8Array.from(encodeNote({ id, after: vectorOf(earlier) }, 100))
    payloads.set(id, payload)
    truth.sent.set(id, {
      id,
      author: 'bob',
      atMs: 0,
      payload,
      ephemeral: false,
      cancelled: false,
      life: 1,
      refused: false,
    })
  }
  const dave = member('dave')
  truth.member(dave)
  for (const [id, content] of payloads) truth.carried({ ...FRAME, messageId: `frame of ${id}`, content })
  return {
    truth,
    dave,
    begins(id: string, atMs: number): void {
      nowMs = atMs
      const payloadHash = Buffer.from(keccak256(payloads.get(id)!)).toString('hex')
      const segments = { held: 1, needed: 2, bytes: 50 }
      const about = { channelId: 'a', senderId: 'bob', payloadHash }
      truth.told(dave, { type: 'reliable:message:progress', ...about, ...segments })
    },
    /** One of his messages, which is another in a frame, is told as missing or as lost. */
    lacks(code: 'missing' | 'lost', id: string, atMs: number): void {
      nowMs = atMs
      const entries = [{ messageId: `frame of ${id}`, senderId: 'bob' }]
      const about = { type: 'diagnostic', channelId: 'a' } as const
      if (code === 'lost') truth.told(dave, { ...about, code, detail: { type: code, entries } })
      else truth.told(dave, { ...about, code, detail: { type: code, entries, dependent: 'x' } })
    },
    gets(id: string, atMs: number): void {
      nowMs = atMs
      const payload = payloads.get(id)!
      truth.received(dave, {
        type: 'reliable:message:received',
        channelId: 'a',
        messageId: id,
        payload,
        senderId: 'bob',
        late: false,
        redelivered: false,
        ephemeral: false,
        ack: () => Promise.resolve(),
      })
    },
  }
}

const carolWith = (id: string): Judged => {
  const carol = member('carol')
  carol.memory.has.set(id, 0)
  return carol
}

describe('a newcomer', () => {
  it('may do without a message later too that the first ones did without: campaign seed 95023', () => {
    const { truth, gets } = judge()
    gets('bob:1', MINUTE_MS)
    gets('bob:3', MINUTE_MS)
    gets('bob:4', 3 * MINUTE_MS)
    gets('bob:2', 4 * MINUTE_MS)
    expect(truth.violations).toEqual([])
  })

  it('may do without what a large message comes after, of which the first segment came in time', () => {
    const { truth, begins, gets } = judge()
    begins('bob:2', MINUTE_MS)
    begins('bob:4', 3 * MINUTE_MS)
    gets('bob:2', 2 * MINUTE_MS)
    expect(truth.violations).toEqual([])
    gets('bob:4', 3 * MINUTE_MS)
    expect(truth.violations).toEqual(['180.0 s: dave got bob:4 before bob:3'])
  })

  it('has an order once it is new no more, whatever its first ones did without', () => {
    const { truth, gets } = judge()
    gets('bob:2', MINUTE_MS)
    gets('bob:4', 3 * MINUTE_MS)
    expect(truth.violations).toEqual(['180.0 s: dave got bob:4 before bob:3'])
  })
})

describe('a newcomer who is told what is missing before it has anything', () => {
  it('may do without it later: everything 430209', () => {
    const { truth, lacks, gets } = judge()
    lacks('missing', 'bob:1', MINUTE_MS)
    gets('bob:2', 3 * MINUTE_MS)
    expect(truth.violations).toEqual([])
  })

  it('waits for it, once it is new no more', () => {
    const { truth, lacks, gets } = judge()
    lacks('missing', 'bob:1', 2 * MINUTE_MS)
    gets('bob:2', 3 * MINUTE_MS)
    expect(truth.violations).toEqual(['180.0 s: dave got bob:2 before bob:1'])
  })
})

describe('a message that is told as lost', () => {
  it('is not lost where somebody within reach has it', () => {
    const { truth, lacks } = judge()
    truth.member(carolWith('bob:1'))
    lacks('lost', 'bob:1', 20 * MINUTE_MS)
    expect(truth.violations).toEqual([
      '1200.0 s: dave was told that bob:1 is lost, which carol has, 1200 s within reach',
    ])
  })

  it('may be where nobody keeps it: liars 430205', () => {
    const { truth, lacks } = judge()
    truth.member(carolWith('bob:1'))
    truth.sent.set('bob:1', { ...truth.sent.get('bob:1')!, ephemeral: true })
    lacks('lost', 'bob:1', 20 * MINUTE_MS)
    expect(truth.violations).toEqual([])
  })
})

describe('what is told again after a restart', () => {
  const sent = { type: 'reliable:message:sent', channelId: 'a', requestId: 'r' } as const

  it('is news where it was not told before, and the end of the dispatch', () => {
    const { truth, dave } = judge()
    truth.requested('r', 'dave:1')
    expect(truth.hasEnded('dave:1')).toBe(false)
    truth.told(dave, { ...sent, redelivered: true })
    expect(truth.hasEnded('dave:1')).toBe(true)
    truth.told(dave, { ...sent, redelivered: true })
    expect(truth.violations).toEqual([])
    truth.told(dave, { ...sent, redelivered: false })
    expect(truth.violations).toEqual(['0.0 s: dave was told twice that dave:1 is sent'])
  })
})
