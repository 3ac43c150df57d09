import { expect, it } from 'vitest'
import type { RateLimitFields } from './fields.ts'
import { type RateLimitStage, createRateLimitStage } from './stage.ts'

interface Named extends RateLimitFields {
  readonly name: string
}

const EPOCH_MS = 1000

function setUp(messagesPerEpoch: number) {
  const stage: RateLimitStage<Named> = createRateLimitStage({
    enabled: true,
    epochMs: EPOCH_MS,
    messagesPerEpoch,
    batches: 'all-or-none',
  })
  const lanes = new Map(['a', 'b', 'c'].map((channel) => [channel, stage.openLane(channel)]))
  const names = ({ outputs }: ReturnType<typeof stage.tick>): string[] =>
    outputs.flatMap((output) => (output.type === 'released' ? [output.frame.name] : []))
  const send = (channel: string, name: string, fields: RateLimitFields = {}, now = 0): string[] => {
    const frame = { name, ...fields }
    return names(stage.handle({ type: 'frame', lane: lanes.get(channel)!, frame, fields: frame }, now))
  }
  const batch = (channel: string, name: string, size: number, now = 0): string[] =>
    Array.from({ length: size }, () => send(channel, name, { batch: name, batchSize: size }, now)).flat()
  const tick = (now: number): string[] => names(stage.tick(now))
  return { stage, send, batch, tick }
}

it('lets a batch that waits for room go first in an epoch, but not in two epochs in a row', () => {
  const { send, batch, tick } = setUp(3)
  send('c', '-')
  for (const name of ['first', 'second']) batch('a', name, 3)
  const epochs: string[][] = []
  for (let epoch = 1; epoch <= 6; epoch++) {
    // Never an epoch without something more urgent.
    const early = tick(epoch * EPOCH_MS)
    epochs.push([...early, ...send('b', '!', { priority: 'critical' }, epoch * EPOCH_MS + 1)])
    send('b', '!', { priority: 'critical' }, epoch * EPOCH_MS + 2)
    send('b', '!', { priority: 'critical' }, epoch * EPOCH_MS + 3)
  }
  expect(epochs.filter((names) => names[0] === 'first')).toEqual([['first', 'first', 'first']])
  expect(epochs.filter((names) => names[0] === 'second')).toEqual([['second', 'second', 'second']])
  const [first, second] = ['first', 'second'].map((name) => epochs.findIndex((names) => names[0] === name))
  expect(second! - first!).toBe(2)
})

it('gives other channels as many messages as a batch took, before the next batch', () => {
  const { send, batch, tick } = setUp(12)
  for (let i = 0; i < 12; i++) send('c', '-')
  for (let i = 0; i < 4; i++) batch('a', 'a', 3)
  for (let i = 0; i < 12; i++) send('b', 'b')
  expect(tick(EPOCH_MS).join('')).toBe('aaabbbaaabbb')
})

it('serves a channel in debt all the same when nobody else waits', () => {
  const { batch, send, tick } = setUp(8)
  for (let i = 0; i < 8; i++) send('c', '-')
  batch('a', 'x', 4)
  batch('a', 'y', 4)
  expect(tick(EPOCH_MS).join('')).toBe('xxxxyyyy')
})

it('makes a batch smaller by what is removed of it', () => {
  const { batch, send, stage, tick } = setUp(4)
  for (let i = 0; i < 4; i++) send('c', '-')
  batch('a', 'x', 4)
  let removed = 0
  stage.remove('a', () => ++removed <= 2)
  send('c', '1', { priority: 'critical' })
  send('c', '2', { priority: 'critical' })
  expect(tick(EPOCH_MS)).toEqual(['1', '2', 'x', 'x'])
})

it('takes a frame of something else as the end of a batch', () => {
  const { send } = setUp(4)
  expect(send('a', 'x', { batch: 'x', batchSize: 3 })).toEqual([])
  expect(send('a', 'other')).toEqual(['x', 'other'])
})

it('lets the rest of a batch follow that came too late', () => {
  const { send, tick } = setUp(4)
  send('a', 'x', { batch: 'x', batchSize: 3 })
  expect(tick(EPOCH_MS)).toEqual(['x'])
  expect(send('a', 'x', { batch: 'x', batchSize: 3 }, EPOCH_MS)).toEqual(['x'])
})

it('does not let the lower classes lose the turn that a batch went over', () => {
  const { batch, send, tick } = setUp(20)
  for (let i = 0; i < 20; i++) send('c', '-')
  // 20 releases so far; the 24th is the next turn.
  batch('a', 'x', 6)
  send('b', 'o', { priority: 'optional' })
  send('a', 'y')
  expect(tick(EPOCH_MS).join('')).toBe('xxxxxxoy')
})

it('ends with its last frame, also when some of them are not wanted any more', () => {
  const { send, tick } = setUp(4)
  for (let i = 0; i < 4; i++) send('c', '-')
  for (const name of ['1', '2', '3']) {
    send('a', name, { batch: 'x', batchSize: 3, wanted: () => name === '1' })
  }
  for (const name of ['4', '5', '6']) send('a', name)
  for (const name of ['7', '8']) send('b', name)
  // It had three turns in advance.
  expect(tick(EPOCH_MS).join('')).toBe('1784')
})
