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
    seen: Uint8Array.of(3),
    span: { first: payload, last: payload + 1 },
    ephemeral: false,
    recordKey: undefined,
  })
  for (let i = 0; i < 1_500; i++) completed.add(message(i % 1_200))
  expect(completed.size).toBe(1_000)
  looks = 0
  expect(completed.of('alice', '250')).toHaveLength(1)
  expect(completed.of('alice', '700')).toHaveLength(1)
  expect(completed.of('alice', '400')).toEqual([])
  expect(completed.of('bob', '700')).toEqual([])
  expect(looks).toBe(0)
})
