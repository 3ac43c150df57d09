import { expect, it } from 'vitest'
import { createRetrievalHints } from './retrieval-hints.ts'

const hint = (n: number): string => n.toString(16).padStart(8, '0')

it('keeps the newest 2048, also of those that a restart brought back, and has the others deleted', () => {
  const stored = new Map<string, Uint8Array>()
  const keep = (hints: ReturnType<typeof createRetrievalHints>, from: number, to: number): void => {
    for (let n = from; n < to; n++) {
      for (const { key, value } of hints.set(`m${n}`, hint(n)))
        if (value === undefined) stored.delete(key)
        else stored.set(key, value)
      const first = Math.max(0, n - 2047)
      expect(stored.size).toBe(n + 1 - first)
      expect([hints.get(`m${first}`), hints.get(`m${n}`)]).toEqual([
        stored.get(`m${first}`),
        stored.get(`m${n}`),
      ])
      expect(hints.get(`m${first - 1}`)).toBeUndefined()
    }
  }
  keep(createRetrievalHints(), 0, 3000)
  const restored = createRetrievalHints([...stored].map(([key, value]) => ({ key, value })))
  expect(restored.get('m952')).toEqual(Uint8Array.of(0, 0, 3, 184))
  keep(restored, 3000, 5500)
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
  expect(hints.set('m', hint(3))).toEqual([{ key: 'm', value: Uint8Array.of(0, 0, 0, 3) }])
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
