import { describe, expect, it } from 'vitest'
import { decodeMessage } from '@reliable-channels/sds/core'
import { createRateLimiter } from '@reliable-channels/rate-limit'
import { firstValueFrom } from 'rxjs'
import type { Transport } from '@reliable-channels/transport'
import { hello, openFake, team } from '../../test/open-fake.ts'
import { lip } from '../profiles.ts'
import { stageOptionsOf } from './stage-options.ts'

describe('the defaults', () => {
  it('are those of the reliable channel', async () => {
    // MGR-12 RTL-15
    const { channel, transport, pass, told } = await openFake({ sds: { periodicSyncMs: 0 } })
    // A segment of 102,400 bytes carries 102,272; no parity.
    channel.send(new Uint8Array(2 * 102_272))
    channel.send(new Uint8Array(102_273))
    await pass(0)
    // All at once: the rate limit is off.
    expect(transport.sent).toHaveLength(4)
    const last = decodeMessage(transport.sent[3]!.payload).message
    expect(last?.causalHistory).toHaveLength(2)
    transport.confirm('m0', 'm1', 'm2', 'm3')
    // Only copies that left count.
    transport.onSend = (_, id) => {
      queueMicrotask(() => transport.confirm(id))
      return id
    }
    await pass(900)
    expect(transport.sent).toHaveLength(4)
    await pass(200)
    // The newest stands for all that wait.
    expect(transport.sent).toHaveLength(5)
    await pass(3_600_000)
    // Twelve probes for all of them.
    expect(transport.sent).toHaveLength(4 + 12)
    expect(told().filter((event) => event.startsWith('reliable:message:delivery-error'))).toHaveLength(2)
    await channel.close()
  })

  it('of the rate limit are one message in ten minutes', async () => {
    // MGR-12 RTL-15
    const limiter = createRateLimiter({ enabled: true })
    const { limit, nextEpochAtMs } = await firstValueFrom(limiter.quota$)
    expect(limit).toBe(1)
    expect(nextEpochAtMs % 600_000).toBe(0)
    limiter.close()
  })
})

describe('a message that SDS refuses', () => {
  it('fails as a whole: nothing of it leaves, and nothing refers to it', async () => {
    // SND-24 ERR-03
    const { channel, transport, pass, told } = await openFake({
      segmentSizeBytes: 192,
      sds: { maxOutgoing: 2 },
    })
    const handle = channel.send(new Uint8Array(200))
    await pass(0)
    await expect(handle.accepted()).rejects.toThrow(/^SDS wrap failed: /)
    expect(told().filter((event) => event.startsWith('reliable:'))).toEqual([
      expect.stringMatching(/^reliable:message:send-error SDS wrap failed: /),
    ])
    expect(transport.sent).toEqual([])
    channel.send(hello)
    await pass(0)
    const { message } = decodeMessage(transport.sent[0]!.payload)
    expect(message?.causalHistory).toEqual([])
    expect(channel.requests).toHaveLength(1)
    await channel.close()
  })
})

describe('what the stages are told', () => {
  const transport = { maxMessageBytes: 150_000 } as Transport
  const node = {
    transport,
    randomBytes: (length: number) => new Uint8Array(length),
    losses: { arrived: 0, missed: 0 },
  }
  const options = { ...team, profile: lip }
  const off = { paceMs: 0, epochMs: undefined }
  const of = (given: object, limiter: { paceMs: number; epochMs: number | undefined } = off) =>
    stageOptionsOf(node, limiter, { ...options, ...given })

  it('leaves their defaults to them: what is missing is lost after three times the longest repair', () => {
    expect(of({}).participant.lostAfterMs).toBe(900_000)
    expect(of({ sds: { repair: { tMaxMs: 600_000 } } }).participant.lostAfterMs).toBe(1_800_000)
    expect(of({ sds: { repair: { tMaxMs: 10_000 } } }).participant.lostAfterMs).toBe(600_000)
    expect(of({ sds: { lostAfterMs: 1_000 } }).participant.lostAfterMs).toBe(1_000)
    expect(of({}).participant.acknowledgeWithinMs).toBe(5_000)
    expect(of({ sds: { acknowledgeWithinMs: 700 } }).participant.acknowledgeWithinMs).toBe(700)
    expect(of({}).reassembler.causalHistoryLength).toBe(2)
    expect(of({ sds: { causalHistoryLength: 5 } }).reassembler.causalHistoryLength).toBe(5)
    expect(of({}).reassembler.timeoutMs).toBe(300_000)
  })

  it('is what all channels of the node find to be lost', () => {
    expect(of({}).participant.losses).toBe(node.losses)
  })

  it('has them wait for the next epochs of a rate limit', () => {
    const limiter = { paceMs: 60_000, epochMs: 600_000 }
    const { participant, reassembler } = of({ sds: { repair: { tMaxMs: 10_000 } } }, limiter)
    expect(participant.lostAfterMs).toBe(1_800_000)
    expect(participant.acknowledgeWithinMs).toBe(1_200_000)
    expect(reassembler.timeoutMs).toBe(1_800_000)
    expect(participant).toMatchObject(limiter)
  })
})
