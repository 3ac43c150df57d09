import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { xchacha } from '@reliable-channels/encryption'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { packageOf, parseSource } from '../../../scripts/imports.ts'
import { PROJECT_ROOT } from '../../../scripts/project.ts'
import { bytesOf, group, textOf } from './group.ts'

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8')
const page = read('docs/pages/guides/chat.md')

const receipts = 'all'

describe('ticks', () => {
  it('come of somebody who was away when he is back', async () => {
    const { open, scheduler, network, close } = group()
    const link = network.peer('carol')
    const alice = await open('alice', { receipts })
    await open('bob', { receipts })
    await open('carol', { receipts, transport: link })
    link.disconnect()
    const sent = alice.send(bytesOf('Lunch at noon?'))
    let names: readonly string[] = []
    sent.receipts$.subscribe((latest) => (names = latest))
    await scheduler.advance(3_600_000)
    expect(names).toEqual(['bob'])
    link.connect()
    await scheduler.advance(60_000)
    expect(names).toEqual(['bob', 'carol'])
    await close()
  })

  it.each([1, 2, 3, 4, 5])(
    'all come where one message in five is lost, within seconds: seed %i',
    async (seed) => {
      const { open, scheduler, close } = group({
        seed,
        jitterMs: 300,
        duplicate: 0.3,
        reorder: 0.3,
        loss: 0.2,
      })
      const alice = await open('alice', { receipts })
      const others = [await open('bob', { receipts }), await open('carol', { receipts })]
      const heard: string[][] = [[], []]
      for (const [i, { incoming$ }] of others.entries())
        incoming$.subscribe(({ payload }) => heard[i]!.push(textOf(payload)))
      const texts = ['one', 'two', 'three']
      for (const text of texts) await alice.send(bytesOf(text)).accepted()
      const last = alice.send(bytesOf('four')).deliveredToAll(['bob', 'carol'])
      await scheduler.advance(60_000)
      await last
      expect(heard).toEqual([
        [...texts, 'four'],
        [...texts, 'four'],
      ])
      await close()
    },
  )
})

it('without a cipher everybody on the network can read along, and with one nobody', async () => {
  const cipher = xchacha({ key: new Uint8Array(32).fill(7) })
  const said: boolean[] = []
  for (const options of [{}, { cipher }]) {
    const { open, scheduler, network, close } = group()
    const alice = await open('alice', options)
    const eve = network.peer('eve')
    const heard: string[] = []
    eve.messages$.subscribe(({ payload }) => heard.push(new TextDecoder('latin1').decode(payload)))
    await eve.subscribe(alice.contentTopic)
    alice.send(bytesOf('Lunch at noon?'))
    await scheduler.advance(1_000)
    expect(heard.length).toBeGreaterThan(0)
    said.push(heard.some((text) => text.includes('Lunch at noon?')))
    await close()
  }
  expect(said).toEqual([true, false])
})

it('a channel that is closed leaves transport and store to whoever made them', async () => {
  const { open, scheduler, network, close } = group()
  const [link, store] = [network.peer('alice'), memoryStore()]
  await open('alice', { transport: link, store })
  await close()
  await expect(store.write([{ key: 'mine', value: Uint8Array.of(1) }])).resolves.toBeUndefined()
  const again = await open('alice', { transport: link, store })
  const sent = again.send(bytesOf('back'))
  await scheduler.advance(1_000)
  expect(sent.status.state).toBe('sent')
  await close()
})

describe('what the page says to install', () => {
  it.each(['docs/examples/chat.ts', 'packages/messages/examples/programs/three-processes.ts'])(
    'is all that %s imports',
    (path) => {
      const named = [...page.matchAll(/^npm install (.*)$/gm)].flatMap(([, names]) => names!.split(' '))
      const { imports } = parseSource(path, read(path))
      const needed = imports.map(({ specifier }) => packageOf(specifier)).filter((name) => name !== undefined)
      expect(needed.filter((name) => !named.includes(name))).toEqual([])
    },
  )
})
