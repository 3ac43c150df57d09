import { createSdsStage } from '@reliable-channels/sds/core'
import { Message, MessageChannel, MessageChannelEvent } from '@waku/sds'
import { expect, it } from 'vitest'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Five messages of one speaker, as they stand on the wire. */
function saidInTurn(): Uint8Array[] {
  const speaker = createSdsStage({ participantId: 'speaker', channelId: 'room', random: () => 0.5 })
  return ['1', '2', '3', '4', '5'].map((text, i) => {
    const frame = { payload: encode(text) }
    const { outputs } = speaker.handle({ type: 'wrap', frame, ephemeral: false }, 1_000 + i)
    return outputs.find((output) => output.type === 'wrapped')!.payload
  })
}

it('what comes backwards is in order here, and with @waku/sds in the order in which it came', async () => {
  const backwards = saidInTurn().reverse()

  const ours: string[] = []
  const listener = createSdsStage({ participantId: 'listener', channelId: 'room', random: () => 0.5 })
  for (const payload of backwards)
    for (const output of listener.handle({ type: 'receive', frame: { payload } }, 2_000).outputs)
      if (output.type === 'delivered') ours.push(decode(output.payload))

  const theirs: string[] = []
  const texts = new Map<string, string>()
  const channel = new MessageChannel('room', 'listener')
  channel.addEventListener(MessageChannelEvent.InMessageDelivered, ({ detail }) => {
    theirs.push(texts.get(detail)!)
  })
  for (const payload of backwards) {
    const message = Message.decode(payload)!
    texts.set(message.messageId, decode(message.content!))
    channel.pushIncomingMessage(message, undefined)
  }
  await channel.processTasks()
  channel.sweepIncomingBuffer()

  expect(ours).toEqual(['1', '2', '3', '4', '5'])
  expect(theirs).toEqual(['1', '5', '4', '3', '2'])
})
