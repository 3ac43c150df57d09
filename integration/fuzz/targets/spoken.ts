import { type Dialect, type SdsOutput, createSdsStage } from '@reliable-channels/sds/core'
import { sdsRecords } from '@reliable-channels/sds/records'
import { seededRandom } from '@reliable-channels/simulator'
import type { Entry } from '@reliable-channels/store'

/** A conversation of two over a network that loses a third of what they say. */
interface Conversation {
  readonly messages: readonly Uint8Array[]
  /** What one of them has stored at its end. */
  readonly records: readonly Entry[]
}

const conversations = new Map<Dialect, Conversation>()

/** Real messages of all kinds, none of them large: most of a filter is like any other part of it. */
export const spokenMessages = (dialect: Dialect): readonly Uint8Array[] => spoken(dialect).messages

/** Real records of all kinds. */
export const spokenRecords = (): readonly Entry[] => spoken('lip').records

function spoken(dialect: Dialect): Conversation {
  const known = conversations.get(dialect) ?? converse(dialect)
  conversations.set(dialect, known)
  return known
}

const NAMES = ['alice', 'bob']

function converse(dialect: Dialect): Conversation {
  const random = seededRandom(1, dialect)
  const messages: Uint8Array[] = []
  const stored = new Map<string, Uint8Array>()
  let now = 1_750_000_000_000
  const options = {
    channelId: 'channel',
    dialect,
    bloomCapacity: 20,
    maxHistory: 20,
    repair: { tMinMs: 10, tMaxMs: 100 },
    periodicSyncMs: 100,
    random,
  } as const
  const stages = NAMES.map((participantId) => createSdsStage({ participantId, ...options }, sdsRecords()))
  const took = (from: number, step: ReturnType<(typeof stages)[number]['tick']>): void => {
    for (const { key, value } of from === 0 ? step.changes : []) {
      if (value === undefined) stored.delete(key)
      else stored.set(key, value)
    }
    for (const output of step.outputs) {
      const payload = payloadOf(output)
      if (payload === undefined) continue
      messages.push(payload)
      for (const [to, stage] of stages.entries())
        if (to !== from && random() > 0.3)
          took(to, stage.handle({ type: 'receive', frame: { payload } }, now))
    }
  }
  for (let i = 0; i < 60; i++) {
    const from = i % stages.length
    const content = new TextEncoder().encode(`${i}`)
    took(
      from,
      stages[from]!.handle({ type: 'wrap', frame: { payload: content }, ephemeral: i % 7 === 0 }, now),
    )
    for (let step = 0; step < 20; step++) {
      now += 25
      for (const [at, stage] of stages.entries())
        if ((stage.deadline() ?? Infinity) <= now) took(at, stage.tick(now))
    }
  }
  return { messages, records: [...stored].map(([key, value]) => ({ key, value })) }
}

/** What leaves. */
function payloadOf(output: SdsOutput): Uint8Array | undefined {
  if (output.type === 'wrapped') return output.payload
  return output.type === 'traffic' ? output.frame.payload : undefined
}
