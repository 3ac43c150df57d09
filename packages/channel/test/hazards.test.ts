import { createRateLimiter } from '@reliable-channels/rate-limit'
import { fromHook } from '@reliable-channels/encryption'
import { virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { openChannel } from '../src/index.ts'
import { fakeTransport } from './fake-transport.ts'
import { type Bench, type Machine, type Outcome, hazards } from './hazards.ts'
import { seededBytes } from './seeded-bytes.ts'
import { seedMachine } from './seed-machine.ts'

const EPOCH_MS = 1000

/** The real channel, as the tests of the hazards drive it. */
async function channelMachine({ batchSize, encrypt, send, outcomes$ }: Bench): Promise<Machine> {
  const scheduler = virtualTime()
  const transport = fakeTransport()
  outcomes$.subscribe(transport.events$)
  const channel = await openChannel({
    channelId: 'team',
    contentTopic: '/app/1/team/proto',
    senderId: 'alice',
    transport,
    sendHandler: send,
    scheduler,
    randomBytes: seededBytes(1, 'alice'),
    // 64 bytes of content in each segment.
    segmentSizeBytes: 192,
    cipher: fromHook(
      {
        // The bench returns the plaintext, which a channel would not let out.
        encrypt: async (bytes) => Uint8Array.of(1, ...(await encrypt(bytes))),
        decrypt: (bytes) => bytes.subarray(1),
      },
      { overheadBytes: 1 },
    ),
    rateLimit: createRateLimiter({
      enabled: true,
      epochMs: EPOCH_MS,
      messagesPerEpoch: batchSize,
      scheduler,
    }),
    sds: { acknowledgementTimeoutMs: 3_600_000, periodicSyncMs: 0 },
  })
  const outcomes: Outcome[] = []
  channel.events$.subscribe((event) => {
    if (event.type === 'reliable:message:sent') outcomes.push({ requestId: event.requestId, outcome: 'sent' })
    if (event.type === 'reliable:message:send-error') {
      outcomes.push({ requestId: event.requestId, outcome: 'error' })
    }
  })
  return {
    outcomes,
    async send(payload) {
      const { requestId } = channel.send(payload)
      await scheduler.run({ maxMs: 0 })
      return requestId
    },
    async release() {
      await scheduler.run({ maxMs: EPOCH_MS })
    },
  }
}

describe('the hazards of the mission document', () => {
  // SND-20 SND-21 SND-22 SND-23 ERR-05 ERR-06
  for (const hazard of hazards) {
    it(`do not harm the channel: ${hazard.name}`, async () => {
      await hazard.run(channelMachine)
    })
    it(`trip the seed's state machine: ${hazard.name}`, async () => {
      await expect(hazard.run(seedMachine)).rejects.toThrow(/^expected .* got /)
    })
  }
})
