import { expect, it } from 'vitest'
import { LogEntry } from '../history/log-entry.ts'
import { createState } from '../state.ts'
import { isOvertaken } from './copies.ts'

const content = new Uint8Array(1)

/** Own messages `m1`, `m2`, …, of each of which a copy was made, one a second. */
function conversation(count: number) {
  const { copies, unacknowledged } = createState({
    participantId: 'alice',
    channelId: 'channel',
    random: () => 0.5,
  })
  const messages = Array.from({ length: count }, (_, i) => {
    const name = { messageId: `m${i + 1}`, senderId: 'alice', lamport: i, causalHistory: [], content }
    const message = unacknowledged.add(
      new LogEntry({ sequence: i, ...name }),
      { ephemeral: false, priority: 'normal', isPart: false },
      i + 1,
      undefined,
    )
    copies.made(message, 0, 1_000 * i)
    return message
  })
  const expected = (copy: number, now: number): string[] =>
    copies.expectedBy('bob', copy, now).map(({ entry }) => entry.messageId)
  return { copies, unacknowledged, messages, expected }
}

it('expects somebody to have what was made a round trip ago, or before three that have come', () => {
  const { expected } = conversation(5)
  expect(expected(0, 2_349)).toEqual(['m1', 'm2'])
  expect(expected(0, 2_350)).toEqual(['m1', 'm2', 'm3'])
  expect(expected(4, 0)).toEqual(['m1'])
  expect(expected(5, 0)).toEqual(['m1', 'm2'])
})

it('goes by the latest copy of each, and tells them in the order in which they were wrapped', () => {
  const { copies, messages, expected } = conversation(4)
  copies.made(messages[0]!, 0, 10_000)
  copies.made(messages[2]!, 0, 10_000)
  expect(expected(0, 10_000)).toEqual(['m2', 'm4'])
  expect(expected(0, 20_000)).toEqual(['m1', 'm2', 'm3', 'm4'])
  expect(messages.map((message) => isOvertaken(message, 6))).toEqual([false, true, false, false])
  copies.check()
})

it('lets go of what is done with, wherever it stands', () => {
  const { copies, unacknowledged, messages, expected } = conversation(5)
  for (const index of [2, 0, 4]) {
    unacknowledged.remove(messages[index]!)
    copies.check()
  }
  expect(expected(0, 20_000)).toEqual(['m2', 'm4'])
  copies.made(messages[1]!, 0, 20_000)
  copies.check()
  for (const index of [3, 1]) unacknowledged.remove(messages[index]!)
  copies.check()
  expect(expected(9, 30_000)).toEqual([])
})

it('moves with the clock', () => {
  const { copies, expected } = conversation(1)
  copies.shift(-500)
  expect(expected(0, -151)).toEqual([])
  expect(expected(0, -150)).toEqual(['m1'])
})
