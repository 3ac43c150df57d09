import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lean } from '@reliable-channels/channel'
import { inspectFrame } from '@reliable-channels/cli'
import { none, xchacha } from '@reliable-channels/encryption'
import { faultyTransport, transportFaults } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../../scripts/project.ts'
import { bytesOf, group } from './group.ts'

const cipherOf = (digit: number) => xchacha({ key: new Uint8Array(32).fill(digit) })

describe('the drops of a member who hears nothing', () => {
  it.each([
    ['another channel id', {}, { channelId: 'strangers' }, { 'foreign-channel': 1 }],
    ['another marker', {}, { profile: lean }, { 'foreign-marker': 1 }],
    ['another key', { cipher: cipherOf(1) }, { cipher: cipherOf(2) }, { undecryptable: 1 }],
    ['no key', { cipher: cipherOf(1) }, { cipher: none() }, { 'sds-undecodable': 1 }],
    ['another topic', {}, { contentTopic: '/my-app/1/strangers/proto' }, {}],
  ])('tell of %s, and events of what nobody here can read', async (_, common, his, drops) => {
    const { open, scheduler, close } = group()
    const alice = await open('alice', common)
    const bob = await open('bob', { ...common, ...his })
    const told: string[] = []
    bob.events$.subscribe(({ type }) => told.push(type))
    alice.send(bytesOf('hello'))
    await scheduler.advance(500)
    expect(Object.fromEntries(Object.entries(bob.drops).filter(([, count]) => count > 0))).toEqual(drops)
    const isUnreadable = 'undecryptable' in drops || 'sds-undecodable' in drops
    expect(told).toEqual(isUnreadable ? ['diagnostic:message-error'] : [])
    await close()
  })
})

it('a store that was lost lets own messages come back', async () => {
  const { open, scheduler, network, close } = group()
  const before = await open('alice')
  await open('bob')
  before.send(bytesOf('hello'))
  await scheduler.advance(5_000)
  const after = await open('alice', { historyMs: 60_000, transport: network.peer('new phone') })
  const told: string[] = []
  after.events$.subscribe((event) => event.type === 'diagnostic' && told.push(event.code))
  await scheduler.advance(5_000)
  expect(told).toEqual(['own-message'])
  await close()
})

describe('who does not answer', () => {
  it('is told as slow where it is the transport', async () => {
    const { open, scheduler, network, close } = group()
    const faults = transportFaults()
    faults.change({ memory: 'hangs' })
    const transport = faultyTransport(network.peer('alice'), { faults, scheduler })
    const alice = await open('alice', { transport, historyMs: 60_000 })
    const told: string[] = []
    alice.events$.subscribe((event) => {
      if (event.type === 'diagnostic' && event.code === 'slow') told.push(event.detail.what)
    })
    await scheduler.advance(11_000)
    expect(told).toEqual(['transport.history'])
    await close()
  })

  it('is told with the message that failed where it is the cipher, or `send` of the transport', async () => {
    const { open, scheduler, network, close } = group()
    const faults = transportFaults()
    faults.change({ send: 'hangs' })
    const told: string[] = []
    for (const [senderId, options] of Object.entries({
      alice: { cipher: { ...none(), seal: () => new Promise<Uint8Array>(() => {}) } },
      bob: { transport: faultyTransport(network.peer('bob'), { faults, scheduler }) },
    })) {
      const member = await open(senderId, { ...options, channelId: senderId })
      member.events$.subscribe((event) => {
        if ('error' in event) told.push(`${senderId}: ${event.error}`)
        else if (event.type === 'diagnostic') told.push(`${senderId}: ${event.code}`)
      })
      member.send(bytesOf('hello'))
    }
    await scheduler.advance(60_000)
    expect(told.slice(0, 2)).toEqual([
      'alice: encryption failed: no answer within 30000 ms',
      'alice: one or more segments failed',
    ])
    expect(told).toContain('bob: no outcome within 60000 ms')
    expect(told).not.toContainEqual(expect.stringContaining('slow'))
    await close()
  })
})

it('the frame that the page inspects is sound, and is not without its end', () => {
  const page = readFileSync(join(PROJECT_ROOT, 'docs/pages/guides/debugging.md'), 'utf8')
  const frame = Buffer.from(/cli inspect ([0-9a-f]+)$/m.exec(page)![1]!, 'hex')
  expect(inspectFrame(frame).isSound).toBe(true)
  const { layers, isSound } = inspectFrame(frame.subarray(0, -1))
  expect(isSound).toBe(false)
  expect(layers[0]!.flaws).toMatchObject([{ severity: 'error', message: expect.stringContaining('cut off') }])
})
