import { type Checks, createChecks } from '@reliable-channels/options'
import { decodeText, encodeText } from '@reliable-channels/wire'
import type { Settings } from './settings.ts'

/** An option has a value that makes no sense. */
export class SdsOptionError extends RangeError {
  override readonly name = 'SdsOptionError'
  readonly code = 'ERR_SDS_OPTION'
}

/** Checks that values which callers hand over are what they should be. @throws SdsOptionError that says why not */
export const check: Checks = createChecks((message) => new SdsOptionError(message))

/** Largest T_max, ms: products of two times stay exact. @limit A larger one is refused. */
const LARGEST_T_MAX_MS = 86_400_000

/**
 * @param usual The defaults: what is a number there is one, from 0.
 * @throws {@link SdsOptionError}
 */
export function checkSettings(s: Settings, usual: object, usualRepair: object): void {
  for (const name of ['participantId', 'channelId'] as const) {
    check.text(name, s[name])
    // Peers would read another one, and we our own messages as another's.
    check.that(decodeText(encodeText(s[name])) === s[name], name, 'text that UTF-8 can hold', s[name])
  }
  check.oneOf('dialect', s.dialect, ['lip', 'nim'])
  check.oneOf('ownMessages', s.ownMessages, ['history', 'deliver'])
  check.oneOf('dispatch', s.dispatch ?? 'immediate', ['immediate', 'reported'])
  check.oneOf('acknowledge', s.acknowledge, ['one', 'each'])
  check.oneOf('contents', s.contents, ['copied', 'shared'])
  check.oneOf('encoding', s.encoding, ['at-once', 'at-release'])
  for (const name of ['retrievalHint', 'mayGive', 'onCorrupt'] as const) check.function(name, s[name])
  for (const name of ['refuses', 'needs'] as const) check.callback(name, s[name])
  check.object('losses', s.losses ?? {})
  checkProtocol(s)
  checkNumbers(s.repair, usualRepair, 'repair.')
  checkNumbers(s, usual)
  check.number('ackSyncMaxMs', s.ackSyncMaxMs, s.ackSyncMinMs)
}

function checkProtocol(s: Settings): void {
  const { repair, maxHistoryEntries } = s
  check.integer('maxHistoryEntries', maxHistoryEntries, 1)
  check.integer('bloomCapacity', s.bloomCapacity, 1, 1_000_000)
  const isRate = s.bloomErrorRate > 0 && s.bloomErrorRate < 1 && typeof s.bloomErrorRate === 'number'
  check.that(isRate, 'bloomErrorRate', 'a number between 0 and 1', s.bloomErrorRate)
  check.integer('causalHistoryLength', s.causalHistoryLength, 1, maxHistoryEntries)
  check.integer('maxHeads', s.maxHeads, 0, maxHistoryEntries)
  check.integer('maxAcknowledged', s.maxAcknowledged, 1, maxHistoryEntries)
  check.integer('maxHistory', s.maxHistory, 1, Infinity)
  check.integer('maxRetransmissions', s.maxRetransmissions, 0, 1_000)
  check.number('retransmissionBackoff', s.retransmissionBackoff, 1)
  check.integer('possibleAcknowledgementThreshold', s.possibleAcknowledgementThreshold, 1, 1_000)
  check.number('groupSize', s.groupSize ?? 1, 1)
  check.number('hashKey', s.hashKey, 0, 1)
  check.number('writer', s.writer ?? 0, 0, 1)
  check.boolean('repair.enabled', repair.enabled)
  check.number('repair.tMaxMs', repair.tMaxMs, 0, LARGEST_T_MAX_MS)
  check.integer('repair.maxRequestsPerMessage', repair.maxRequestsPerMessage ?? 1, 1, maxHistoryEntries)
  check.integer('repair.responseGroups', repair.responseGroups ?? 1, 1)
  check.above('repair.maxBytesPerSecond', repair.maxBytesPerSecond, 0)
  check.number('acknowledgementTimeoutMs', s.acknowledgementTimeoutMs ?? 0, 0)
}

function checkNumbers(options: object, usual: object, within = ''): void {
  for (const [name, value] of Object.entries(usual)) {
    if (typeof value === 'number') check.number(`${within}${name}`, options[name as never], 0)
  }
}
