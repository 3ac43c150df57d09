import { DecryptionError, decrypt, encrypt, openFrame, sealFrame } from '@reliable-channels/encryption'
import { generatePrivateKey, generateSymmetricKey } from '@waku/message-encryption'
import { createDecoder } from '@waku/message-encryption/symmetric'
import { firstValueFrom, from, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { wakuSymmetric } from './waku-message-encryption.ts'

const context = { channelId: 'room', contentTopic: '/app/1/room/proto' }
const symKey = generateSymmetricKey()

describe.each([
  ['unsigned', undefined],
  ['signed', generatePrivateKey()],
])('@waku/message-encryption wrapped as a cipher, %s', (_, sigPrivKey) => {
  const cipher = wakuSymmetric(symKey, sigPrivKey)

  it('gives back what went in, and adds no more bytes than it declares', async () => {
    for (const length of [0, 1, 185, 186, 250, 251, 252, 253, 254, 255, 256, 1000, 65_536, 102_400]) {
      const plain = Uint8Array.from({ length }, (_, i) => i)
      const sealed = await sealFrame(cipher, plain, context)
      expect(sealed.length - length, `of ${length}`).toBeLessThanOrEqual(cipher.overheadBytes)
      expect(await openFrame(cipher, sealed, context), `of ${length}`).toEqual(plain)
    }
  })

  it('rejects what was changed on the way, cut short, or sealed with another key', async () => {
    const sealed = await sealFrame(cipher, Uint8Array.of(1, 2, 3), context)
    const foreign = await sealFrame(wakuSymmetric(generateSymmetricKey()), Uint8Array.of(1), context)
    for (let byte = 0; byte < sealed.length; byte += 7) {
      const flipped = sealed.slice()
      flipped[byte]! ^= 1
      await expect((async () => openFrame(cipher, flipped, context))()).rejects.toThrow(DecryptionError)
    }
    for (const bad of [foreign, sealed.subarray(0, 20), new Uint8Array()]) {
      await expect((async () => openFrame(cipher, bad, context))()).rejects.toThrow(/^decryption failed: ./)
    }
  })

  it('works in the operators', async () => {
    const frames = [1, 2, 3].map((n) => ({ n, payload: Uint8Array.of(n) }))
    const received = from(frames).pipe(
      encrypt(cipher, { context, concurrency: 2 }),
      decrypt(cipher, { context, concurrency: 2 }),
      toArray(),
    )
    expect(await firstValueFrom(received)).toEqual(frames)
  })

  it('is understood by the decoder of @waku/message-encryption', async () => {
    const payload = await sealFrame(cipher, Uint8Array.of(4, 5, 6), context)
    const routingInfo = { clusterId: 1, shardId: 0, pubsubTopic: '/waku/2/rs/1/0' }
    const decoder = createDecoder(context.contentTopic, routingInfo, symKey)
    const message = await decoder.fromProtoObj(routingInfo.pubsubTopic, {
      payload,
      version: 1,
      contentTopic: context.contentTopic,
      timestamp: 1n,
      meta: undefined,
      rateLimitProof: undefined,
      ephemeral: undefined,
    })
    expect(message?.payload).toEqual(Uint8Array.of(4, 5, 6))
  })
})
