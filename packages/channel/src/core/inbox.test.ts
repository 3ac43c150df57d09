import { describe, expect, it } from 'vitest'
import type { Change, Entry } from '@reliable-channels/store'
import { type InboxInput, type InboxStageOptions, createInboxStage } from './inbox.ts'
import { type KeptMessage, decodeKept, encodeKept } from './message-record.ts'

const message = (text: string): KeptMessage => ({
  senderId: 'bob',
  messageId: `id of ${text}`,
  payload: new TextEncoder().encode(text),
  late: false,
  own: false,
  ephemeral: false,
})

/** Applies the stage's changes to a disk; a crash is a new one on the same disk. */
function setUp(options: Partial<InboxStageOptions> = {}) {
  const disk = new Map<string, Uint8Array>()
  const corrupt: string[] = []
  const start = (overrides: Partial<InboxStageOptions> = {}) => {
    const restore: Entry[] = [...disk].map(([key, value]) => ({ key, value }))
    const stage = createInboxStage({
      window: 1,
      maxHeld: 10,
      maxHeldBytes: 1000,
      persistent: true,
      restore,
      onCorrupt: (key) => corrupt.push(key),
      ...options,
      ...overrides,
    })
    const apply = (changes: readonly Change[]): void => {
      for (const { key, value } of changes) {
        if (value === undefined) disk.delete(key)
        else disk.set(key, value)
      }
    }
    /** `text`, or `text!` when redelivered, of what is handed out; `limit` of a report. */
    const tell = (input: InboxInput): string[] => {
      const { outputs, changes } = stage.handle(input, 0)
      apply(changes)
      return outputs.map((output) =>
        output.type === 'limit'
          ? `limit ${output.handedOut}`
          : `${output.type === 'unheard' ? 'unheard' : output.sequence} ${new TextDecoder().decode(output.message.payload)}${output.type === 'hand-out' && output.redelivered ? '!' : ''}`,
      )
    }
    return {
      stage,
      open: () => tell({ type: 'opened' }),
      receive: (text: string) => tell({ type: 'received', message: message(text) }),
      done: (sequence: number) => tell({ type: 'done', sequence }),
    }
  }
  return { disk, corrupt, start }
}

describe('the inbox with a window of one', () => {
  it('hands out one message at a time, in order, and keeps each until it is done with', () => {
    const { disk, start } = setUp()
    const inbox = start()
    expect(inbox.open()).toEqual([])
    expect(inbox.receive('a')).toEqual(['0 a'])
    expect(inbox.receive('b')).toEqual(['limit 1'])
    expect(inbox.receive('c')).toEqual([])
    expect([...disk.keys()].sort()).toEqual(['horizon', 'm0', 'm1', 'm2'])
    expect(inbox.done(0)).toEqual(['1 b'])
    expect(inbox.done(0)).toEqual([])
    expect(inbox.done(2)).toEqual([])
    expect([...disk.keys()].sort()).toEqual(['horizon', 'm1', 'm2'])
    expect(inbox.done(1)).toEqual(['2 c'])
    expect(inbox.done(2)).toEqual([])
    expect([...disk.keys()]).toEqual(['horizon'])
  })

  it('flags after a crash only the message whose handler may have been running', () => {
    const { start } = setUp()
    const before = start()
    before.open()
    for (const text of ['a', 'b', 'c']) before.receive(text)
    before.done(0)
    const after = start()
    expect(after.receive('d')).toEqual([])
    expect(after.open()).toEqual(['1 b!', 'limit 1'])
    expect(after.done(1)).toEqual(['2 c'])
    const again = start()
    expect(again.open()).toEqual(['2 c!', 'limit 1'])
    expect(again.done(2)).toEqual(['3 d'])
  })

  it('forgets the oldest that nobody has listened to, beyond its limits of messages and of bytes', () => {
    const { disk, start } = setUp({ maxUnheard: 2, maxHeldBytes: 10 })
    const inbox = start()
    expect(['a', 'b', 'c'].map((text) => inbox.receive(text))).toEqual([[], [], ['unheard a']])
    expect(inbox.receive('0123456789')).toEqual(['unheard b', 'unheard c'])
    expect(inbox.receive('0123456789X')).toEqual(['unheard 0123456789'])
    expect(inbox.stage.isFull()).toBe(false)
    expect([...disk.keys()]).toEqual(['m4'])
    expect(inbox.open()).toEqual(['4 0123456789X'])
    expect(inbox.stage.isFull()).toBe(true)
    expect(['d', 'e', 'f'].map((text) => inbox.receive(text))).toEqual([['limit 1'], [], []])
  })

  it('flags nothing that was kept before anything was handed out', () => {
    const { start } = setUp()
    start().receive('a')
    expect(start().open()).toEqual(['0 a'])
    expect(start().open()).toEqual(['0 a!'])
  })

  it('flags no new message, whatever was flagged before', () => {
    const { start } = setUp()
    const before = start()
    before.open()
    for (const text of ['a', 'b', 'c']) before.receive(text)
    before.done(0)
    before.done(1)
    const after = start()
    expect(after.open()).toEqual(['2 c!'])
    after.done(2)
    const again = start()
    expect(again.receive('d')).toEqual([])
    expect(again.open()).toEqual(['3 d'])
  })

  it('stores nothing when it is not persistent', () => {
    const { disk, start } = setUp({ persistent: false })
    const inbox = start()
    inbox.open()
    expect(inbox.receive('a')).toEqual(['0 a'])
    inbox.done(0)
    expect(disk.size).toBe(0)
  })
})

describe('the inbox with a wider window', () => {
  it('hands out that many, says once that others wait, and goes on in order', () => {
    const { start } = setUp({ window: 2 })
    const inbox = start()
    inbox.open()
    expect(['a', 'b', 'c', 'd'].map((text) => inbox.receive(text))).toEqual([
      ['0 a'],
      ['1 b'],
      ['limit 2'],
      [],
    ])
    expect(inbox.done(1)).toEqual(['2 c'])
    expect(inbox.done(0)).toEqual(['3 d'])
    expect(inbox.receive('e')).toEqual(['limit 2'])
  })

  it('gives back after a crash what was not done with, in order and flagged as far as it was handed out', () => {
    const { start } = setUp({ window: 3 })
    const before = start()
    before.open()
    for (const text of ['a', 'b', 'c', 'd', 'e']) before.receive(text)
    before.done(1)
    // Handed out: a, c, d; e waits.
    const after = start()
    expect(after.open()).toEqual(['0 a!', '2 c!', '3 d!', 'limit 3'])
    expect(after.done(0)).toEqual(['4 e'])
  })

  it('flags what another window had let out', () => {
    const { start } = setUp()
    const before = start({ window: 3 })
    before.open()
    for (const text of ['a', 'b', 'c', 'd']) before.receive(text)
    const narrow = start({ window: 1 })
    expect(narrow.open()).toEqual(['0 a!', 'limit 1'])
    // Crashes again before b and c are done with.
    const again = start({ window: 1 })
    expect(again.open()).toEqual(['0 a!', 'limit 1'])
    expect([again.done(0), again.done(1), again.done(2)]).toEqual([['1 b!'], ['2 c!'], ['3 d']])
  })

  it('is full at its limits of messages and of bytes', () => {
    const many = setUp({ window: 2, maxHeld: 3 }).start()
    many.open()
    for (const text of ['a', 'b']) many.receive(text)
    expect(many.stage.isFull()).toBe(false)
    many.receive('c')
    expect(many.stage.isFull()).toBe(true)
    many.done(0)
    expect(many.stage.isFull()).toBe(false)
    const large = setUp({ maxHeldBytes: 10 }).start()
    large.receive('0123456789')
    expect(large.stage.isFull()).toBe(true)
  })
})

describe('a corrupt entry', () => {
  it('costs one message, is reported and deleted', () => {
    const { disk, corrupt, start } = setUp()
    const before = start()
    for (const text of ['a', 'b']) before.receive(text)
    disk.set('m0', Uint8Array.of(9, 9, 9))
    disk.set('x', Uint8Array.of(1))
    expect(start().open()).toEqual(['1 b'])
    expect(corrupt).toEqual(['m0', 'x'])
    expect([...disk.keys()].sort()).toEqual(['horizon', 'm1'])
  })

  it('flags all when it is no longer known what was handed out', () => {
    const { disk, start } = setUp()
    const before = start()
    before.open()
    for (const text of ['a', 'b']) before.receive(text)
    disk.set('horizon', Uint8Array.of(1, 2))
    const after = start()
    expect(after.open()).toEqual(['0 a!', 'limit 1'])
    expect(after.done(0)).toEqual(['1 b!'])
  })
})

describe('the record of a message', () => {
  it('reads what it wrote', () => {
    for (const flags of [
      { late: true, own: false, ephemeral: false },
      { late: false, own: true, ephemeral: true },
    ]) {
      const kept = { ...message('payload'), senderId: 'Zoë 🦊', ...flags }
      expect(decodeKept(encodeKept(kept))).toEqual(kept)
    }
    expect(decodeKept(encodeKept({ ...message(''), senderId: '' }))?.payload).toEqual(new Uint8Array(0))
  })

  it('does not read what was cut', () => {
    const record = encodeKept(message('p'))
    for (let length = 0; length < record.length - 1; length++) {
      expect(decodeKept(record.subarray(0, length)), `${length} bytes`).toBeUndefined()
    }
  })
})
