import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { content, startNetwork, until } from './network.ts'

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('a channel over three service nodes', () => {
  it.each([
    ['1,000 messages of 1 KB', 1000, 1024],
    ['50 messages of 100 KB', 50, 102_400],
  ])(
    'delivers %s, none lost and none twice, in order',
    async (_, count, bytes) => {
      await using network = await startNetwork({ topology: 'line' })
      const [alice, bob] = await Promise.all([
        network.member('alice', { at: [0] }),
        network.member('bob', { at: [2] }),
      ])
      const received: string[] = []
      bob.incoming$.subscribe(({ payload }) => received.push(digest(payload)))
      const sent: string[] = []
      for (let i = 0; i < count; i++) {
        const payload = content(bytes, i)
        new DataView(payload.buffer).setUint32(0, i)
        await alice.ready()
        alice.send(payload)
        sent.push(digest(payload))
      }
      await until(() => received.length >= count, `${count} messages`)
      expect(received).toEqual(sent)
    },
    90_000,
  )
})
