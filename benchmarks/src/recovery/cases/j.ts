import { decodeMessage, kindOf } from '@reliable-channels/sds/core'
import type { TransportMessage } from '@reliable-channels/transport'
import { filter } from 'rxjs'
import type { Case, Run } from '../case.ts'
import { mean, most, total } from '../figures.ts'
import { numberOf, numbered } from '../numbered.ts'
import { rewired } from '../rewired.ts'
import { createWorld } from '../world.ts'

const MESSAGES = 10_000
const BYTES = 100
const MEGABYTE = 1_000_000

/** Lets through what is heard, but for the first copy of every other message. */
function everyOther(): (message: TransportMessage) => boolean {
  const met = new Set<string>()
  return ({ payload }) => {
    const { message } = decodeMessage(payload)
    if (message === undefined || kindOf(message) !== 'content' || met.has(message.messageId)) return true
    met.add(message.messageId)
    return met.size % 2 === 0
  }
}

/** A burst of which one of three members misses every other message; no network remembers any, but the members do. */
export const j: readonly Case[] = [2, 1].map((authors) => ({
  id: 'J',
  title: `every other of 10,000 messages missed, ${authors === 1 ? 'one author' : 'two authors'}, no store`,
  seeds: 1,
  async run(seed, say): Promise<Run> {
    const world = createWorld({ seed, say })
    const member = (name: string, hears?: (message: TransportMessage) => boolean) =>
      world.join(name, {
        node: {
          transport: rewired(world.network.peer(name), {
            memory: false,
            ...(hears && { hear: (messages$) => messages$.pipe(filter(hears)) }),
          }),
        },
      })
    const alice = await member('alice')
    const bob = await member('bob')
    const carol = await member('carol', everyOther())
    for (const channel of [alice, bob]) channel.incoming$.subscribe()
    const received = new Set<number>()
    const lost = new Set<string>()
    carol.incoming$.subscribe(({ payload }) => received.add(numberOf(payload)))
    carol.events$.subscribe((event) => {
      if (event.type !== 'diagnostic' || event.code !== 'lost') return
      for (const { messageId } of event.detail['entries'] as readonly { messageId: string }[])
        lost.add(messageId)
    })
    const sending = (async () => {
      for (let i = 0; i < MESSAGES; i++) {
        const author = world.random() < 1 / authors ? alice : bob
        await author.ready(BYTES)
        author
          .send(numbered(i, BYTES))
          .delivered()
          .catch(() => {})
      }
    })()
    await world.until(() => received.size === MESSAGES, 3_600)
    await sending
    const run = {
      complete: world.seconds(),
      'given up': lost.size,
      'never received': MESSAGES - received.size,
      sync: world.traffic.sync.bytes / MEGABYTE,
    }
    await world.close()
    return run
  },
  figures: [
    most('complete', 's', { atMost: 600 }),
    total('given up', 'messages', { atMost: 0 }),
    total('never received', 'messages', { atMost: 0 }),
    mean('sync', 'MB', { atMost: 20 }),
  ],
}))
