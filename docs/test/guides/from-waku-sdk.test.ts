import { jsWaku } from '@reliable-channels/channel'
import { describe, expect, it } from 'vitest'
import { bytesOf, group } from './group.ts'

describe('the profile jsWaku', () => {
  it('has a message fit into one, and two equal ones are two messages with two ids', async () => {
    const { open, scheduler, close } = group()
    const alice = await open('alice', { profile: jsWaku })
    const bob = await open('bob', { profile: jsWaku })
    const received: string[] = []
    bob.incoming$.subscribe(({ messageId }) => received.push(messageId))
    expect(() => alice.send(new Uint8Array(150_000))).toThrow(
      expect.objectContaining({ code: 'ERR_PAYLOAD_TOO_LARGE' }) as Error,
    )
    const sent = [alice.send(bytesOf('hello')), alice.send(bytesOf('hello'))]
    await scheduler.advance(5_000)
    expect(received).toEqual(sent.map(({ messageId }) => messageId))
    expect(new Set(received).size).toBe(2)
    await close()
  })
})

it('equal payloads of several segments have one id, and are two messages all the same', async () => {
  const { open, scheduler, close } = group()
  const alice = await open('alice', { segmentSizeBytes: 1_000 })
  const bob = await open('bob', { segmentSizeBytes: 1_000 })
  const received: string[] = []
  bob.incoming$.subscribe(({ messageId }) => received.push(messageId))
  const photo = new Uint8Array(3_000).fill(1)
  const sent = [alice.send(photo), alice.send(photo)]
  await scheduler.advance(5_000)
  expect(received).toEqual(sent.map(({ messageId }) => messageId))
  expect(new Set(received).size).toBe(1)
  await close()
})
