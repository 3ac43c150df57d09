import { expect, it } from 'vitest'
import { sendNote } from './send-note.ts'
import { Truth, newMemory } from './truth.ts'

/** What the judge says where a channel refuses a note with this error. */
function judged(error: Error): readonly string[] {
  const truth = new Truth(() => 0)
  const send = (): never => {
    throw error
  }
  const author = { world: { truth }, name: 'alice', memory: newMemory(0), channel: { send }, say: () => {} }
  expect(sendNote(author as unknown as Parameters<typeof sendNote>[0], 'alice:1', 100, {})).toBe(false)
  return truth.violations
}

it('takes a full queue for no fault, and any error that no channel documents for one', () => {
  expect(judged(Object.assign(new Error('full'), { code: 'ERR_QUEUE_FULL' }))).toEqual([])
  expect(judged(new TypeError('no such thing'))).toEqual([
    '0.0 s: alice cannot send: TypeError: no such thing',
  ])
})
