import { describe, expect, it } from 'vitest'
import { createSdsStage } from '@reliable-channels/sds/core'
import { dropped } from '../test/dropped.ts'
import { openFake, team } from '../test/open-fake.ts'

const meta = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')

describe('the drops of a channel', () => {
  it('name every reason from the beginning, so that a new one is seen as a change of a number', async () => {
    const { channel } = await openFake()
    expect(Object.values(channel.drops).every((count) => count === 0)).toBe(true)
    expect(channel.drops['rate-limit-expired']).toBe(0)
    await channel.close()
  })

  it('tell bytes that are no SDS message from contents that are no segment', async () => {
    const { channel, transport, pass } = await openFake()
    const { contentTopic, channelId } = team
    transport.deliver({ contentTopic, meta, ephemeral: false, payload: Uint8Array.of(255, 255) })
    const mallory = createSdsStage({ participantId: 'mallory', channelId, random: () => 0 })
    const { outputs } = mallory.handle(
      { type: 'wrap', frame: { payload: Uint8Array.of(255) }, ephemeral: false },
      0,
    )
    for (const output of outputs) {
      if (output.type !== 'wrapped') continue
      transport.deliver({ contentTopic, meta, ephemeral: false, payload: output.payload })
    }
    await pass()
    expect(dropped(channel)).toEqual({ 'sds-undecodable': 1, 'segment-undecodable': 1 })
    await channel.close()
  })
})
