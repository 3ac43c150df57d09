/** The channels, as every member opens them. */
import type { ChannelOptions } from '@reliable-channels/channel'
import { type Cipher, xchacha } from '@reliable-channels/encryption'
import { seededRandom } from '@reliable-channels/simulator'
import type { ChannelName, Content, Sender } from './protocol.ts'

const sds = {
  // Nothing may be given up; all else is as it comes.
  lostAfterMs: Infinity,
} as const

/** @param slowly Wraps the cipher's functions: what is sealed is opened some time after SDS has delivered it. */
export function channelOptions(
  channelId: ChannelName,
  senderId: Sender,
  randomBytes: (length: number) => Uint8Array,
  slowly: (cipher: Cipher) => Cipher = (cipher) => cipher,
): ChannelOptions {
  const common = {
    channelId,
    contentTopic: `/kill-test/1/${channelId}/proto`,
    senderId,
    segmentSizeBytes: 600,
    parityRate: 0.5,
    sds,
    reassembly: { timeoutMs: 36_000_000 },
    // The order of time is what counts, not how many are under way.
    maxConcurrentSends: 10_000,
  }
  if (channelId === 'plain') return common
  const cipher = slowly(xchacha({ key: new Uint8Array(32).fill(7), randomBytes }))
  return { ...common, consume: 'acknowledged', placement: 'content', cipher }
}

export function seededBytes(seed: number, name: string): (length: number) => Uint8Array {
  const random = seededRandom(seed, name)
  return (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256))
}

/** A payload, padded to one to three segments. */
export function encodeContent(content: Content, random: () => number): Uint8Array {
  const text = JSON.stringify(content)
  return new TextEncoder().encode(text + ' '.repeat(Math.floor(random() * 1200)))
}

export function decodeContent(payload: Uint8Array): Content {
  return JSON.parse(new TextDecoder().decode(payload)) as Content
}
