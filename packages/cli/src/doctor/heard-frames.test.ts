import { keyIdOf, sealFrame, xchacha } from '@reliable-channels/encryption'
import { encodeLip } from '@reliable-channels/sds/core'
import type { TransportMessage } from '@reliable-channels/transport'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hearFrames } from './heard-frames.ts'

const context = { channelId: 'lobby', contentTopic: '/app/1/lobby/proto' }
const [ours, theirs] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]

const frame = (senderId: string, channelId = 'lobby'): Uint8Array<ArrayBuffer> =>
  encodeLip({
    senderId,
    messageId: `of ${senderId}`,
    channelId,
    lamport: 5,
    causalHistory: [],
    repairRequest: [],
  })
const sealed = async (key: Uint8Array, senderId: string): Promise<Uint8Array<ArrayBuffer>> =>
  await sealFrame(xchacha({ key }), frame(senderId), context)
const message = (payload: Uint8Array<ArrayBuffer>, timestampMs?: number): TransportMessage => ({
  hash: '',
  contentTopic: context.contentTopic,
  ephemeral: false,
  payload,
  ...(timestampMs !== undefined && { timestampMs }),
})

describe('hearFrames', () => {
  it('counts who said how much, what the key opens, and what is sealed with other keys', async () => {
    const messages = [
      message(await sealed(ours, 'alice'), 10),
      message(await sealed(ours, 'alice'), 30),
      message(await sealed(ours, 'bob')),
      message(await sealed(theirs, 'carol'), 40),
      message(frame('dan'), 50),
      message(frame('erin', 'elsewhere'), 50),
      message(Uint8Array.of(255, 255), 50),
    ]
    expect(hearFrames(messages, context, xchacha({ key: ours }))).toEqual({
      read: 4,
      plain: 1,
      members: [
        { senderId: 'alice', messages: 2, lastMs: 30 },
        { senderId: 'bob', messages: 1 },
        { senderId: 'dan', messages: 1, lastMs: 50 },
      ],
      sealed: new Map([[keyIdOf(theirs), 1]]),
      foreign: 2,
    })
    expect(hearFrames(messages, context, undefined)).toMatchObject({ read: 1, plain: 1, foreign: 2 })
  })

  it('keeps a bounded number of members apart', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => message(frame(`member ${i}`)))
    const heard = hearFrames(many, context, undefined)
    expect([heard.read, heard.members.length]).toEqual([1_000, 200])
  })

  it('takes anything', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (payloads) => {
        const heard = hearFrames(
          payloads.map((payload) => message(payload.slice())),
          context,
          xchacha({ key: ours }),
        )
        const closed = [...heard.sealed.values()].reduce((sum, count) => sum + count, 0)
        expect(heard.read + heard.foreign + closed).toBe(payloads.length)
      }),
    )
  })
})
