import { check, checkSettings } from './check-settings.ts'
import type { SdsOptions } from './options.ts'
import { type Settings, isTight } from './settings.ts'
import type { RepairOptions } from './repair-options.ts'

const DEFAULTS = {
  dialect: 'lip',
  causalHistoryLength: 2,
  maxHeads: 16,
  bloomCapacity: 10_000,
  bloomErrorRate: 0.001,
  retransmissionBackoff: 1.5,
  possiblyAcknowledgedFactor: 3,
  possibleAcknowledgementThreshold: 2,
  acknowledge: 'one',
  acknowledgeWithinMs: 5_000,
  periodicSyncMs: 30_000,
  encoding: 'at-once',
  contents: 'copied',
  paceMs: 0,
  epochMs: 0,
  fetchMs: 0,
  historyMs: 0,
  maxFutureSkewMs: 86_400_000,
  ownMessages: 'history',
  maxHistory: 20_000,
  maxHistoryBytes: 64 * 2 ** 20,
  maxOutgoing: 20_000,
  maxOutgoingBytes: 128 * 2 ** 20,
  maxIncoming: 10_000,
  maxIncomingBytes: 64 * 2 ** 20,
  maxIncomingPerSender: 5_000,
  maxIncomingBytesPerSender: 48 * 2 ** 20,
  maxMissing: 20_000,
  maxMissingPerSender: 10_000,
  maxMet: 20_000,
  maxHistoryEntries: 1_000,
  maxMessageBytes: 2 ** 20,
  maxIdLength: 1_024,
  maxHintLength: 64,
  maxBloomBytes: 65_536,
  maxAcknowledged: 256,
} as const

const REPAIR_DEFAULTS = {
  enabled: true,
  tMinMs: 30_000,
  tMaxMs: 300_000,
  maxRequests: 1_000,
  maxResponses: 1_000,
  maxBytesPerSecond: 4_194_304,
  responseGroups: undefined,
  maxRequestsPerMessage: undefined,
} as const satisfies Record<keyof RepairOptions, unknown>

/** Options of a participant's other parts. */
const NAMES_OF_OTHERS = ['scheduler', 'unitOfWork', 'write', 'onWriteError', 'keyPrefix', 'restore']

/** Where nothing limits the rate much, times follow the round trips. */
const SWIFT = { maxRetransmissions: 12, ackSyncMinMs: 100, ackSyncMaxMs: 250 } as const

/** Under a tight quota others have to wait until they can acknowledge. */
const TIGHT = {
  acknowledgementTimeoutMs: 5_000,
  maxRetransmissions: 5,
  ackSyncMinMs: 1_000,
  ackSyncMaxMs: 2_000,
} as const

/** Fills in the defaults and checks. @throws {@link SdsOptionError} */
export function settingsOf(options: SdsOptions): Settings {
  check.object('options', options, 'an object with "participantId" and "channelId"')
  const { repair: repairOptions = {}, random, hashKey, ackSyncMaxMs, paceMs = 0 } = options
  check.object('repair', repairOptions)
  check.function('random', random)
  const isTightQuota = isTight({ paceMs })
  const { tMinMs, tMaxMs } = repairOptions
  const repair = {
    ...REPAIR_DEFAULTS,
    ...defined(repairOptions),
    isLip: isTightQuota || tMinMs !== undefined || tMaxMs !== undefined,
  }
  /** Has each name: one that is misspelt would be ignored. */
  const defaults = {
    ...DEFAULTS,
    acknowledgementTimeoutMs: undefined,
    ...(isTightQuota ? TIGHT : SWIFT),
    participantId: '',
    channelId: '',
    groupSize: undefined,
    dispatch: undefined,
    writer: undefined,
    losses: undefined,
    retrievalHint: () => undefined,
    refuses: undefined,
    needs: undefined,
    mayGive: () => true,
    onCorrupt: () => {},
    lostAfterMs: Math.max(600_000, 3 * repair.tMaxMs),
    random,
    hashKey: hashKey ?? random(),
    repair,
  } satisfies Record<keyof SdsOptions, unknown>
  check.names(options, [...Object.keys(defaults), ...NAMES_OF_OTHERS])
  check.names(repairOptions, Object.keys(REPAIR_DEFAULTS), 'repair')
  const settings: Settings = { ...defaults, ...defined(options), repair }
  const latest = ackSyncMaxMs ?? Math.max(settings.ackSyncMaxMs, settings.ackSyncMinMs)
  const complete = { ...settings, ackSyncMaxMs: latest }
  checkSettings(complete, defaults, REPAIR_DEFAULTS)
  return atPace(complete)
}

/** The longest that an acknowledgement is put off for the sake of the quota: from so long to twice as long. */
const LATEST_ACK_MS = 20_000

/** Times that suit the pace and the epochs of a rate limit. */
function atPace(settings: Settings): Settings {
  const { paceMs, epochMs, acknowledgementTimeoutMs, ackSyncMinMs, ackSyncMaxMs, periodicSyncMs } = settings
  const ackMs = Math.min((2 / 3) * paceMs, LATEST_ACK_MS)
  return {
    ...settings,
    acknowledgementTimeoutMs:
      acknowledgementTimeoutMs === undefined ? undefined : Math.max(acknowledgementTimeoutMs, 4 * ackMs),
    ackSyncMinMs: Math.max(ackSyncMinMs, ackMs),
    ackSyncMaxMs: Math.max(ackSyncMaxMs, 2 * ackMs),
    periodicSyncMs: periodicSyncMs === 0 ? 0 : Math.max(periodicSyncMs, paceMs, epochMs / 2),
  }
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T
}
