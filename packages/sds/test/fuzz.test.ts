import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSdsStage, decodeMessage, encodeMessage } from '../src/core.ts'
import { sdsRecords } from '../src/records.ts'
import { Network, seeded } from './network.ts'

/** Inputs; more with SDS_FUZZ_INPUTS. */
const INPUTS = Number(process.env['SDS_FUZZ_INPUTS'] ?? 200_000)
const SEED = Number(process.env['SDS_FUZZ_SEED'] ?? 1)

interface Vectors {
  readonly messages: readonly { hex: string }[]
  readonly decode: readonly { hex: string }[]
}

/** Real messages of both dialects, of all kinds, none of them large: most of a filter is like any other part of it. */
function corpus(): Uint8Array[] {
  const url = new URL('vectors/sds-vectors.json', import.meta.url)
  const { messages, decode } = JSON.parse(readFileSync(url, 'utf8')) as Vectors
  const found: Uint8Array[] = [...messages, ...decode].map(({ hex }) =>
    Uint8Array.from(Buffer.from(hex, 'hex')),
  )
  for (const dialect of ['lip', 'nim'] as const) {
    const network = new Network({ random: seeded(1), loss: 0.3 })
    const options = { dialect, bloomCapacity: 20, repair: { tMinMs: 10, tMaxMs: 100 }, periodicSyncMs: 100 }
    const peers = ['alice', 'bob'].map((name) => network.join(name, options))
    for (let i = 0; i < 30; i++) {
      peers[i % 2]!.say(`${i}`, i % 7 === 0)
      network.run(500)
    }
    for (const peer of peers) found.push(...peer.sent.map(({ payload }) => payload))
  }
  return found
}

/** Changes some bytes, cuts, repeats or joins messages, or makes bytes up. */
function mutate(all: readonly Uint8Array[], random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit)
  const pick = (): Uint8Array => all[below(all.length)]!
  const bytes = pick().slice()
  switch (below(6)) {
    case 0:
      return Uint8Array.from({ length: below(120) }, () => below(256))
    case 1:
      return bytes.subarray(0, below(bytes.length + 1))
    case 2: {
      const other = pick()
      const joined = new Uint8Array(bytes.length + other.length)
      joined.set(bytes)
      joined.set(other, bytes.length)
      return joined
    }
    default:
      for (let i = 0; i <= below(4); i++) bytes[below(bytes.length)] = random() < 0.3 ? 0xff : below(256)
      return bytes
  }
}

const MIB = 2 ** 20
/** A few seconds on a machine that does nothing else. */
const TIMEOUT_MS = 120_000 + INPUTS

describe('hostile input', () => {
  it(
    `neither throws nor hangs nor fills the memory (${INPUTS} inputs, seed ${SEED})`,
    () => {
      const all = corpus()
      const random = seeded(SEED)
      let now = 1_750_000_000_000
      const store = new Map<string, Uint8Array>()
      const limits = {
        maxHistory: 500,
        maxHistoryBytes: MIB,
        maxIncoming: 200,
        maxIncomingBytes: MIB,
        maxMissing: 1_000,
        maxMet: 500,
        lostAfterMs: 5_000,
        repair: { tMinMs: 100, tMaxMs: 1_000, maxRequests: 100, maxResponses: 50 },
      }
      const stages = (['lip', 'nim'] as const).flatMap((dialect) =>
        ['channel', 'channel-1', 'ch'].map((channelId) =>
          createSdsStage(
            { participantId: 'carol', channelId, dialect, random, ...limits, bloomCapacity: 20 },
            sdsRecords(),
          ),
        ),
      )
      let accepted = 0
      for (let i = 0; i < INPUTS; i++) {
        const payload = mutate(all, random)
        const { message } = decodeMessage(payload)
        if (message !== undefined) {
          accepted++
          // A message that was understood can be encoded again.
          if (i % 16 === 0) expect(decodeMessage(encodeMessage(message, 'lip')).message).toBeDefined()
        }
        const stage = stages[i % stages.length]!
        /** Keeps what the first of the stages stores. */
        const keep = ({ changes }: ReturnType<typeof stage.tick>): void => {
          if (stage !== stages[0]) return
          for (const { key, value } of changes) {
            if (value === undefined) store.delete(key)
            else store.set(key, value)
          }
        }
        keep(stage.handle({ type: 'receive', frame: { payload } }, now))
        if (i % 50 === 0)
          keep(stage.handle({ type: 'wrap', frame: { payload: Uint8Array.of(i & 0xff, 1) } }, now))
        if (i % 10 === 0) {
          now += 20
          for (let steps = 0; (stage.deadline() ?? Infinity) <= now; steps++) {
            keep(stage.tick(now))
            if (steps > 1_000) throw new Error(`seed ${SEED}: the timers never come to rest after input ${i}`)
          }
        }
      }
      // Most mutations must still reach what lies behind the decoder.
      expect(accepted).toBeGreaterThan(INPUTS / 4)
      expect(store.size, `seed ${SEED}`).toBeLessThan(5_000)
      const restored = createSdsStage(
        { participantId: 'carol', channelId: 'channel', random, ...limits },
        sdsRecords([...store].map(([key, value]) => ({ key, value }))),
      )
      expect(() => restored.tick(now)).not.toThrow()
    },
    TIMEOUT_MS,
  )

  it(`survives a store of rubbish (seed ${SEED})`, () => {
    const random = seeded(SEED)
    const kinds = ['clock', 'log/', 'parked/', 'out/', 'met/', 'x/', '']
    for (let round = 0; round < 300; round++) {
      const corrupt: string[] = []
      const entries = Array.from({ length: 20 }, (_, i) => {
        const kind = kinds[Math.floor(random() * kinds.length)]!
        const value = Uint8Array.from({ length: Math.floor(random() * 30) }, () => Math.floor(random() * 256))
        if (random() < 0.7 && value.length > 0) value[0] = 1
        return { key: kind.endsWith('/') ? `${kind}${i.toString(36)}` : kind, value }
      })
      const stage = createSdsStage(
        { participantId: 'a', channelId: 'c', random, onCorrupt: (key) => corrupt.push(key) },
        sdsRecords(entries),
      )
      expect(() => stage.tick(1_750_000_000_000)).not.toThrow()
      expect(corrupt.length).toBeGreaterThan(0)
    }
  })
})
