import { messageHash } from '@reliable-channels/simulator'
import { WireWriter, parseHex } from '@reliable-channels/wire'
import { decodeFilterPush } from '../../../packages/transport-waku/src/core/filter-codec.ts'
import {
  type WireMessage,
  decodeWireMessage,
  encodeWireMessage,
  wireMessageHash,
} from '../../../packages/transport-waku/src/core/message.ts'
import { decodeStorePage } from '../../../packages/transport-waku/src/core/store-codec.ts'
import { type FuzzTarget, hold } from '../target.ts'

const PUBSUB_TOPIC = '/waku/2/rs/66/0'

const messages: readonly WireMessage[] = [
  { contentTopic: '/demo/1/chat/proto', payload: new Uint8Array(0), ephemeral: false },
  {
    contentTopic: '/demo/1/chat/proto',
    payload: new TextEncoder().encode('hello'),
    ephemeral: true,
    meta: new TextEncoder().encode('RELIABLE-CHANNEL-API/1'),
    timestampNs: 1_795_000_000_123_456_789n,
  },
]
const encoded = messages.map((message) => {
  const [head, payload, rest] = encodeWireMessage(message)
  return Uint8Array.from([...head, ...payload, ...rest])
})

const messageTarget: FuzzTarget = {
  name: 'waku-message',
  weight: 10,
  roundInputs: 10_000,
  perByte: 16,
  besides: 8_192,
  seeds: () => encoded,
  open: () => ({
    take(input) {
      const message = decodeWireMessage(input)
      if (message === undefined) return undefined
      const { contentTopic, payload, meta, timestampNs } = message
      const hash = wireMessageHash(PUBSUB_TOPIC, message)
      if (timestampNs !== undefined && timestampNs !== 0n && contentTopic.isWellFormed()) {
        const fields = { pubsubTopic: PUBSUB_TOPIC, contentTopic, payload, timestampNs }
        const other = messageHash({ ...fields, ...(meta && { meta }) })
        hold(hash === other, `the hash is ${hash}, and by the other way ${other}`)
      }
      const again = decodeWireMessage(
        Uint8Array.from(encodeWireMessage(message).flatMap((piece) => [...piece])),
      )
      hold(
        again !== undefined && wireMessageHash(PUBSUB_TOPIC, again) === hash,
        'written again, it has another hash',
      )
      return message
    },
  }),
}

function page(): Uint8Array {
  const writer = new WireWriter().varint(10, 200).text(11, 'OK')
  for (const [i, message] of messages.entries()) {
    const row = new WireWriter()
      .bytes(1, parseHex(wireMessageHash(PUBSUB_TOPIC, message))!)
      .bytes(2, encoded[i]!)
      .text(3, PUBSUB_TOPIC)
    writer.bytes(20, row.finish())
  }
  return writer.bytes(51, new Uint8Array(32).fill(1)).finish()
}

const rows: FuzzTarget = {
  name: 'waku-store',
  weight: 8,
  roundInputs: 10_000,
  perByte: 16,
  besides: 16_384,
  seeds: () => [page()],
  open: () => ({
    take(input) {
      const found = decodeStorePage(input, PUBSUB_TOPIC)
      for (const { hash, message } of found?.rows ?? [])
        if (message !== undefined)
          hold(wireMessageHash(PUBSUB_TOPIC, message) === hash, 'a row has a message of another hash')
      return found
    },
  }),
}

const pushes: FuzzTarget = {
  name: 'waku-push',
  weight: 8,
  roundInputs: 10_000,
  perByte: 16,
  besides: 8_192,
  seeds: () => encoded.map((one) => new WireWriter().bytes(1, one).text(2, PUBSUB_TOPIC).finish()),
  open: () => ({ take: (input) => decodeFilterPush(input) }),
}

export const wakuTargets: readonly FuzzTarget[] = [messageTarget, rows, pushes]
