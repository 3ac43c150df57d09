import { expect, it } from 'vitest'
import { type SdsState, createState } from '../state.ts'
import { filterSuffices } from './pace.ts'

/** A participant who owes so many acknowledgements. */
function owing(count: number, paceMs: number): SdsState {
  const state = createState({ participantId: 'me', channelId: 'channel', random: () => 0.5, paceMs })
  for (let i = 0; i < count; i++) state.owed.add(`${i}`, 'alice', 0)
  return state
}

it('acknowledges by the filters of own content under a tight quota alone, and fewer than 16 messages', () => {
  expect(filterSuffices(owing(15, 30_000))).toBe(true)
  expect(filterSuffices(owing(16, 30_000))).toBe(false)
  expect(filterSuffices(owing(0, 0))).toBe(false)
})
