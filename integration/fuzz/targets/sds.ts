import {
  type Dialect,
  type SdsOutput,
  bloomHas,
  bloomParameters,
  createSdsStage,
  decodeMessage,
  decodeNimFilter,
  encodeMessage,
  encodeNimFilter,
  MalformedMessage,
  openFilter,
} from '@reliable-channels/sds/core'
import { type FuzzTarget, hold, refusable } from '../target.ts'
import { spokenMessages } from './spoken.ts'

const decoding = (dialect: Dialect): FuzzTarget => ({
  name: `sds-${dialect}`,
  weight: 16,
  roundInputs: 10_000,
  perByte: 64,
  besides: 65_536,
  seeds: () => spokenMessages(dialect),
  open: () => ({
    take(input) {
      const decoded = decodeMessage(input)
      const { message } = decoded
      if (message === undefined) {
        hold(decoded.reason.length > 0 && decoded.reason.length < 500, 'no reason, or a long one')
        return undefined
      }
      const again = decodeMessage(encodeMessage(message, 'lip')).message
      hold(again !== undefined, 'what was read cannot be written and read again')
      hold(again.messageId === message.messageId, 'the id is another one when it is read again')
      return message
    },
  }),
})

const BASE = bloomParameters(20, 0.001)
const FILTER_LIMITS = { maxBloomBytes: 65_536, maxHashCount: 64 }

const filters: FuzzTarget = {
  name: 'filter',
  weight: 10,
  roundInputs: 10_000,
  perByte: 8,
  besides: 4_096,
  seeds: () => [
    encodeNimFilter(BASE, new Uint8Array(64).fill(0x55)),
    encodeNimFilter(BASE, new Uint8Array(8 * Math.ceil(BASE.bits / 64))),
    new Uint8Array(Math.ceil(BASE.bits / 8)).fill(0xaa),
  ],
  open: () => ({
    take(input) {
      refusable(() => decodeNimFilter(input), MalformedMessage)
      for (const dialect of ['lip', 'nim'] as const) {
        const filter = openFilter(input, dialect, BASE, FILTER_LIMITS)
        if (typeof filter !== 'string') bloomHas(filter, 'an id')
      }
      return undefined
    },
  }),
}

const MIB = 2 ** 20
/** Small, so that all limits are reached. */
export const SDS_LIMITS = {
  maxHistory: 500,
  maxHistoryBytes: MIB,
  maxIncoming: 200,
  maxIncomingBytes: MIB,
  maxMissing: 1_000,
  maxMet: 500,
  lostAfterMs: 5_000,
  bloomCapacity: 20,
  repair: { tMinMs: 100, tMaxMs: 1_000, maxRequests: 100, maxResponses: 50 },
} as const

const UNTOUCHED = ['undecodable', 'malformed', 'other-channel', 'future-lamport']

const receiving: FuzzTarget = {
  name: 'sds-stage',
  weight: 6,
  roundInputs: 2_000,
  // Names are kept and indexed, and what waits for them may be released at once.
  perByte: 256,
  besides: 8 * MIB,
  seeds: () => [...spokenMessages('lip'), ...spokenMessages('nim')],
  open(random) {
    const dialect = random() < 0.5 ? 'lip' : 'nim'
    const stage = createSdsStage({
      participantId: 'carol',
      channelId: 'channel',
      dialect,
      random,
      ...SDS_LIMITS,
    })
    let now = 1_750_000_000_000
    let taken = 0
    const state = (): string =>
      JSON.stringify([stage.health(), stage.outgoing(), stage.missing().length, stage.members()])
    const rest = (): void => {
      for (let steps = 0; (stage.deadline() ?? Infinity) <= now; steps++) {
        stage.tick(now)
        hold(steps < 1_000, 'the timers never come to rest')
      }
    }
    stage.handle({ type: 'start' }, now)
    return {
      take(payload) {
        if (taken++ % 10 === 0) now += 20
        // What has fallen due is no doing of the message.
        rest()
        const before = state()
        const { outputs, changes } = stage.handle({ type: 'receive', frame: { payload } }, now)
        const refusal = outputs.find(isRefusal)
        if (refusal !== undefined) {
          hold(changes.length === 0, 'something is stored of a refused message')
          hold(state() === before, 'a refused message has changed something')
        }
        return undefined
      },
      end() {
        now += 60_000
        rest()
        const { missing, lost } = stage.health()
        hold(missing >= 0 && lost >= 0, 'it counts less than nothing')
      },
    }
  },
}

const isRefusal = (output: SdsOutput): boolean =>
  output.type === 'event' && output.event.type === 'rejected' && UNTOUCHED.includes(output.event.reason)

export const sdsTargets: readonly FuzzTarget[] = [decoding('lip'), decoding('nim'), filters, receiving]
