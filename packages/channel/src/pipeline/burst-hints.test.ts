import { xchacha } from '@reliable-channels/encryption'
import { type HistoryEntry, decodeMessage } from '@reliable-channels/sds/core'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { afterEach, expect, it } from 'vitest'
import { type ChannelOptions, type NodeOptions, type ReliableChannel, openChannel } from '../index.ts'
import { team } from '../../test/open-fake.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

const SEGMENTS = 40

let channel: ReliableChannel | undefined
afterEach(() => channel?.close())

/** Sends a burst; the names of earlier segments in what leaves of it, in order, and how many segments left. */
async function burst(options: Partial<ChannelOptions & NodeOptions> = {}) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 3, scheduler })
  const names: HistoryEntry[] = []
  let left = 0
  const transport = network.peer('alice')
  channel = await openChannel({
    ...team,
    senderId: 'alice',
    transport,
    scheduler,
    randomBytes: seededBytes(3, 'alice'),
    segmentSizeBytes: 1024,
    ...options,
  })
  channel.outgoing$.subscribe(({ kind }) => kind === 'content' && left++)
  network.peer('bob').messages$.subscribe(({ payload }) => {
    const { message } = decodeMessage(payload)
    if (message?.content !== undefined) names.push(...message.causalHistory)
  })
  await network.peer('bob').subscribe(team.contentTopic)
  channel.send(new Uint8Array(900 * SEGMENTS))
  await scheduler.run({ maxMs: 1_000 })
  return { names, left }
}

// N3
it('each segment of a burst carries the hints of those before it, which have just left', async () => {
  const { names, left } = await burst()
  expect(left).toBeGreaterThanOrEqual(SEGMENTS)
  expect(names.length).toBeGreaterThan(SEGMENTS)
  expect(names.filter(({ retrievalHint }) => retrievalHint?.length !== 32)).toEqual([])
})

it.each([
  ['quick', { cipher: xchacha({ key: new Uint8Array(32) }) }],
  ['slow', { cipher: slowCipher() }],
  ['of the contents', { cipher: xchacha({ key: new Uint8Array(32) }), placement: 'content' as const }],
])('a burst leaves to its end with a cipher that is %s', async (_, options) => {
  const { left } = await burst(options)
  expect(left).toBeGreaterThanOrEqual(SEGMENTS)
})

it('what a cipher fails to seal holds up none of the burst', async () => {
  const { left } = await burst({ cipher: failingCipher() })
  expect(left).toBeGreaterThan(SEGMENTS / 2)
})

function slowCipher() {
  const cipher = xchacha({ key: new Uint8Array(32) })
  return { ...cipher, seal: async (...args: Parameters<typeof cipher.seal>) => cipher.seal(...args) }
}

function failingCipher() {
  const cipher = xchacha({ key: new Uint8Array(32) })
  let calls = 0
  return {
    ...cipher,
    seal(...args: Parameters<typeof cipher.seal>) {
      if (calls++ % 3 === 0) throw new Error('out of order')
      return cipher.seal(...args)
    },
  }
}
