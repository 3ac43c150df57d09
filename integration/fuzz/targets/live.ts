import { openChannel } from '@reliable-channels/channel'
import { segmentPayload } from '@reliable-channels/segmentation/core'
import { seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { type FuzzTarget, hold } from '../target.ts'
import { spokenMessages } from './spoken.ts'

const TOPIC = '/demo/1/chat/proto'
const meta = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')
const said = (index: number): Uint8Array => new TextEncoder().encode(`honest ${index}`)

/** A channel between two, into which somebody sends what he likes. */
export const liveTargets: readonly FuzzTarget[] = [
  {
    name: 'channel',
    weight: 1,
    roundInputs: 1_000,
    perByte: 4_096,
    besides: 256 * 2 ** 20,
    seeds: () => [
      ...spokenMessages('lip'),
      ...spokenMessages('nim'),
      ...segmentPayload(new Uint8Array(600), { segmentSizeBytes: 400 }).map(({ payload }) => payload),
    ],
    async open(random) {
      const time = virtualTime()
      const seed = Math.floor(random() * 2 ** 31)
      const network = simulatedNetwork({ seed, scheduler: time, latencyMs: 20 })
      const open = (senderId: string) => {
        const bytes = seededRandom(seed, senderId)
        return openChannel({
          channelId: 'channel',
          contentTopic: TOPIC,
          senderId,
          scheduler: time,
          transport: network.peer(senderId),
          randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(bytes() * 256)),
        })
      }
      const [alice, bob] = [await open('carol'), await open('dave')]
      const received: string[] = []
      let died = false
      bob.incoming$.subscribe(({ senderId, payload }) => {
        if (senderId === 'carol') received.push(new TextDecoder().decode(payload))
      })
      for (const { events$ } of [alice, bob])
        events$.subscribe((event) => (died ||= event.type === 'diagnostic' && event.code === 'channel-died'))
      const mallory = network.peer('mallory')
      let taken = 0
      let honest = 0
      return {
        async take(payload) {
          // No network takes it.
          if (payload.length === 0) return undefined
          void mallory.send({ contentTopic: TOPIC, ephemeral: true, meta, payload })
          if (taken++ % 100 === 0) alice.send(said(honest++))
          await time.run({ maxMs: 20 })
          hold(!died, 'a channel died')
          return undefined
        },
        async end() {
          await time.run({ maxMs: 120_000, until: () => received.length >= honest })
          const expected = Array.from({ length: honest }, (_, index) => new TextDecoder().decode(said(index)))
          const inOrder = received.filter((text) => text.startsWith('honest '))
          hold(inOrder.join() === expected.join(), `of ${expected.join()} came ${inOrder.join()}`)
          await Promise.all([alice.close(), bob.close(), time.run({ maxMs: 60_000 })])
          network.close()
        },
      }
    },
  },
]
