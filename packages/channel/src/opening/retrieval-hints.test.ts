import type { Entry } from '@reliable-channels/store'
import { parseHex } from '@reliable-channels/wire'
import { expect, it } from 'vitest'
import { createRetrievalHints } from './retrieval-hints.ts'

const hint = (n: number): string => n.toString(16).padStart(8, '0')

/** Sets hints, and keeps what is to be stored. */
function keep(
  hints: ReturnType<typeof createRetrievalHints>,
  stored: Map<string, Uint8Array>,
  from: number,
  to: number,
  id = (n: number): string => `m${n}`,
): void {
  for (let n = from; n < to; n++) {
    for (const { key, value } of hints.set(id(n), hint(n)))
      if (value === undefined) stored.delete(key)
      else stored.set(key, value)
  }
}

const entriesOf = (stored: ReadonlyMap<string, Uint8Array>): Entry[] =>
  [...stored].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1))

it.each([
  ['text', (n: number): string => `m${n}`],
  ['a hash', (n: number): string => n.toString(16).padStart(64, '0')],
])('keeps the newest 2048 of ids that are %s, also of those that a restart brought back', (_, id) => {
  const stored = new Map<string, Uint8Array>()
  let hints = createRetrievalHints()
  for (const [from, to] of [
    [0, 3_000],
    [3_000, 5_500],
  ] as const) {
    keep(hints, stored, from, to, id)
    expect(stored.size).toBe(2_048)
    hints = createRetrievalHints(entriesOf(stored))
    expect(hints.get(id(to - 1))).toEqual(parseHex(hint(to - 1)))
    expect(hints.get(id(to - 2_048))).toEqual(parseHex(hint(to - 2_048)))
    expect(hints.get(id(to - 2_049))).toBeUndefined()
  }
})

it('reads those that an older version stored by their ids, and deletes them when they are the oldest', () => {
  const stored = new Map([['m0', Uint8Array.of(1, 2)]])
  const hints = createRetrievalHints(entriesOf(stored))
  expect(hints.get('m0')).toEqual(Uint8Array.of(1, 2))
  keep(hints, stored, 1, 2_048)
  expect([stored.has('m0'), stored.size]).toEqual([true, 2_048])
  keep(hints, stored, 2_048, 2_049)
  expect([stored.has('m0'), stored.size, hints.get('m0')]).toEqual([false, 2_048, undefined])
})

it('tells of entries that are none', () => {
  const corrupt: string[] = []
  const entries = ['#1', '#zz', 'm'].map((key) => ({ key, value: new Uint8Array(0) }))
  createRetrievalHints(entries, (key) => corrupt.push(key))
  expect(corrupt).toEqual(['#1', '#zz', 'm'])
})

it('takes no second hint for a message, and none that is no hash', () => {
  const hints = createRetrievalHints()
  expect(hints.set('m', '00ff')).toHaveLength(1)
  expect(hints.set('m', '01ff')).toEqual([])
  for (const wrong of ['', '0', 'zz', 'AA', '00'.repeat(65)]) expect(hints.set('other', wrong)).toEqual([])
  expect(hints.get('other')).toBeUndefined()
})

it('are those under which messages leave, until the network has them', () => {
  // N3
  const hints = createRetrievalHints()
  hints.leaving('m', hint(1))
  hints.leaving('m', hint(2))
  expect(hints.get('m')).toEqual(Uint8Array.of(0, 0, 0, 2))
  expect(hints.set('m', hint(3))).toHaveLength(1)
  hints.leaving('m', hint(4))
  expect(hints.get('m')).toEqual(Uint8Array.of(0, 0, 0, 3))
})

it('are kept of the newest 2048 messages that leave, and are nothing but hexadecimal digits', () => {
  const hints = createRetrievalHints()
  for (let n = 0; n < 3000; n++) hints.leaving(`m${n}`, hint(n))
  expect([hints.get('m951'), hints.get('m952')]).toEqual([undefined, Uint8Array.of(0, 0, 3, 184)])
  for (const odd of ['', 'x', 'no hash', '0'.repeat(130)]) hints.leaving('odd', odd)
  expect(hints.get('odd')).toBeUndefined()
})
