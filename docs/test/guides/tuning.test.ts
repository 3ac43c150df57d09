import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../../scripts/project.ts'
import { bytesOf, group } from './group.ts'

const page = readFileSync(join(PROJECT_ROOT, 'docs/pages/guides/tuning.md'), 'utf8')

/** A line of the table that the program of the page prints. */
function printed(name: string) {
  const line = page.split('\n').find((each) => each.startsWith(`${name} `))!
  const [medianS, slowestS, messages, kilobytes] = line
    .slice(name.length)
    .match(/[\d.]+/g)!
    .map(Number)
  return { medianS: medianS!, slowestS: slowestS!, messages: messages!, kilobytes: kilobytes! }
}

describe('what the page reads off its table', () => {
  const asItIs = printed('as it is')

  it('without parity the slowest waits for a sync message, and with parity as long as usual', () => {
    expect(asItIs.slowestS).toBeGreaterThan(10 * asItIs.medianS)
    expect(printed('parity 20 %').slowestS).toBeLessThanOrEqual(asItIs.medianS)
  })

  it('larger segments make fewer messages, and lean fewer bytes', () => {
    expect(printed('segments of 30 kB').messages).toBeGreaterThan(2 * asItIs.messages)
    expect(printed('lean').kilobytes).toBeLessThan(asItIs.kilobytes)
  })
})

/** A group whose last message is lost on its way to one of them, where the network remembers nothing. */
async function silence(periodicSyncMs: number) {
  const { open, scheduler, network, close } = group({ memoryLoss: 1 })
  const [alice, bob, carol] = [
    await open('alice', { sds: { periodicSyncMs } }),
    await open('bob', { sds: { periodicSyncMs } }),
    await open('carol', { sds: { periodicSyncMs } }),
  ]
  for (const member of [alice, bob, carol]) member.incoming$.subscribe()
  bob.send(bytesOf('hi'))
  await scheduler.advance(10_000)
  network.partition([['alice', 'bob'], ['carol']])
  alice.send(bytesOf('hello'))
  await scheduler.advance(1_000)
  network.heal()
  const [saidAt, before] = [scheduler.now(), network.stats.sent]
  let missedMs = Infinity
  carol.incoming$.subscribe(() => (missedMs = scheduler.now() - saidAt))
  await scheduler.advance(3_600_000)
  const messages = network.stats.sent - before
  await close()
  return { missedMs, messages }
}

it('a longer periodicSyncMs makes fewer messages in silence, and the last message is missed for longer', async () => {
  const [often, seldom] = [await silence(10_000), await silence(120_000)]
  expect(seldom.messages).toBeLessThan(often.messages)
  expect(seldom.missedMs).toBeGreaterThan(often.missedMs)
})
