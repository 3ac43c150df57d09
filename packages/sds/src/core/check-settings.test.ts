import { decodeText } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import { SdsOptionError } from './check-settings.ts'
import { createSdsStage } from './stage.ts'
import { sdsRecords } from './store/stored-records.ts'

describe('options', () => {
  const base = { participantId: 'a', channelId: 'c', random: () => 0 }

  it.each([
    [{ participantId: '' }, '"participantId" expected a non-empty string, got '],
    // On the wire it would be another's.
    [{ participantId: 'a\ud800' }, '"participantId" expected text that UTF-8 can hold, got "a\\ud800"'],
    [{ channelId: '\udc00' }, '"channelId" expected text that UTF-8 can hold, got "\\udc00"'],
    [{ dialect: 'other' as never }, `"dialect" expected 'lip' or 'nim', got "other"`],
    [{ bloomErrorRate: 1.5 }, '"bloomErrorRate" expected a number between 0 and 1, got 1.5'],
    [{ bloomCapacity: 0 }, '"bloomCapacity" expected an integer from 1 to 1000000, got 0'],
    [{ ackSyncMinMs: 3_000, ackSyncMaxMs: 2_000 }, '"ackSyncMaxMs" expected a number from 3000, got 2000'],
    [{ repair: { tMaxMs: 1e9 } }, '"repair.tMaxMs" expected a number from 0 to 86400000, got 1000000000'],
    [{ retransmissionBackoff: 0.5 }, '"retransmissionBackoff" expected a number from 1, got 0.5'],
    // Sync messages that name nothing would be sent for ever.
    [{ maxAcknowledged: 0 }, '"maxAcknowledged" expected an integer from 1 to 1000, got 0'],
    [{ maxIncoming: -1 }, '"maxIncoming" expected a number from 0, got -1'],
    [{ maxMet: '20' }, '"maxMet" expected a number from 0, got "20"'],
    [{ lostAfterMs: Number.NaN }, '"lostAfterMs" expected a number from 0, got NaN'],
    [{ periodicSyncMs: '5' }, '"periodicSyncMs" expected a number from 0, got "5"'],
    [{ ownMessages: 'both' }, `"ownMessages" expected 'history' or 'deliver', got "both"`],
    [{ groupSize: 0 }, '"groupSize" expected a number from 1, got 0'],
    [{ repair: true }, '"repair" expected an object, got true'],
    [{ repair: { enabled: 'no' } }, '"repair.enabled" expected true or false, got "no"'],
    [{ repair: { responseGroups: 0.5 } }, '"repair.responseGroups" expected an integer from 1, got 0.5'],
    [{ retrievalHint: 'hint' }, '"retrievalHint" expected a function, got "hint"'],
  ])('%j is refused', (options, text) => {
    const given = { ...base, ...options } as never
    expect(() => createSdsStage(given)).toThrow(SdsOptionError)
    expect(() => createSdsStage(given)).toThrow(text)
  })

  it('need not say the latest acknowledgement where they say an earliest that is later than usual', () => {
    expect(() => createSdsStage({ ...base, ackSyncMinMs: 3_000 })).not.toThrow()
  })

  it('may name an id that is no UTF-8 as it is read', () => {
    const participantId = decodeText(Uint8Array.of(0x61, 0xff))
    expect(() => createSdsStage({ ...base, participantId })).not.toThrow()
  })

  it('may say what to restore, one by one', () => {
    const expected = '"restore" expected an array, or what else can be iterated, got 5'
    expect(() => sdsRecords(5 as never)).toThrow(new SdsOptionError(expected))
  })

  it('are asked for when there are none', () => {
    const expected = '"options" expected an object with "participantId" and "channelId", got undefined'
    expect(() => createSdsStage(undefined as never)).toThrow(new SdsOptionError(expected))
  })
})
