import { fromHook } from '@reliable-channels/encryption'
import { expect, it } from 'vitest'
import { bytesOf, group } from './group.ts'

it('the overhead of a cipher counts beside each segment: a size that does not fit with it is refused', async () => {
  const { open, close } = group()
  const unchanged = (bytes: Uint8Array): Uint8Array => bytes
  const cipher = fromHook({ encrypt: unchanged, decrypt: unchanged }, { overheadBytes: 60_000 })
  await expect(open('alice', { cipher })).rejects.toMatchObject({ code: 'ERR_SEGMENT_SIZE' })
  await open('alice', { cipher, segmentSizeBytes: 50_000 })
  await close()
})

it('a try that could not leave for want of a connection does not count', async () => {
  const { open, scheduler, network, close } = group()
  const link = network.peer('alice')
  const alice = await open('alice', { transport: link, sds: { maxRetransmissions: 1 } })
  await open('bob')
  link.disconnect()
  const sent = alice.send(bytesOf('hello'))
  await scheduler.advance(24 * 3_600_000)
  expect(sent.status.state).toBe('send-failed')
  link.connect()
  await scheduler.advance(60_000)
  expect(sent.status.state).toBe('delivered')
  await close()
})
