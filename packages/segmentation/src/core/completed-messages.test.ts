import { expect, it } from 'vitest'
import { type CompletedMessage, CompletedMessages } from './completed-messages.ts'

it('looks at no other payload of a sender to find those of one', () => {
  let looks = 0
  const completed = new CompletedMessages(1_000)
  const message = (payload: number): CompletedMessage => ({
    sender: 'alice',
    get payloadHash() {
      looks++
      return `${payload}`
    },
    dataCount: 2,
    parityCount: 0,
    seen: Uint8Array.of(1),
    span: { first: payload, last: payload + 1 },
    ephemeral: false,
    recordKey: undefined,
  })
  for (let i = 0; i < 1_500; i++) completed.add(message(i % 1_200))
  expect(completed.size).toBe(1_000)
  looks = 0
  expect(completed.of('alice', '250')).toHaveLength(1)
  expect(completed.of('alice', '700')).toHaveLength(1)
  expect(completed.of('alice', '400')).toBeUndefined()
  expect(completed.of('bob', '700')).toBeUndefined()
  expect(looks).toBe(0)
})

it('looks at none of a payload that has come in full, however often it was sent', () => {
  const completed = new CompletedMessages(1_000)
  const messages = Array.from({ length: 500 }, (_, i): CompletedMessage => ({
    sender: 'alice',
    payloadHash: 'abc',
    dataCount: 2,
    parityCount: 1,
    seen: Uint8Array.of(3),
    span: { first: 10 * i, last: 10 * i + 1 },
    ephemeral: false,
    recordKey: undefined,
  }))
  for (const message of messages) completed.add(message)
  expect(completed.of('alice', 'abc')?.size).toBe(500)
  for (const message of messages.slice(1)) completed.came(message, 2, undefined)
  expect([...completed.of('alice', 'abc')!]).toEqual([messages[0]])
  completed.came(messages[0]!, 2, undefined)
  expect(completed.of('alice', 'abc')).toBeUndefined()
  expect(completed.size).toBe(500)
})
