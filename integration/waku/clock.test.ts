import type { WakuDiagnostic } from '@reliable-channels/transport-waku'
import { type SchedulerLike, asyncScheduler } from 'rxjs'
import { expect, it } from 'vitest'

import { ROOM, bytesOf, startNetwork, stateOf, until } from './network.ts'

/** Timers as they are, on a clock that is wrong. */
function wrongBy(ms: number): SchedulerLike {
  return {
    now: () => Date.now() + ms,
    schedule: asyncScheduler.schedule.bind(asyncScheduler),
  }
}

it('a clock five minutes off is noticed: by what others send, and by what no store keeps', async () => {
  await using network = await startNetwork({ nodes: 2 })
  const wrong = await network.transport({ at: [0], scheduler: wrongBy(-300_000) })
  const right = await network.transport({ at: [1] })
  await until(
    () => [wrong, right].every((transport) => stateOf(transport) === 'connected'),
    'both to be connected',
  )
  const { contentTopic } = ROOM
  await Promise.all([wrong.subscribe(contentTopic), right.subscribe(contentTopic)])
  const suspicions: Extract<WakuDiagnostic, { type: 'clock-suspect' }>[] = []
  const elsewhere: WakuDiagnostic[] = []
  wrong.diagnostics$.subscribe((one) => one.type === 'clock-suspect' && suspicions.push(one))
  right.diagnostics$.subscribe((one) => one.type === 'clock-suspect' && elsewhere.push(one))

  await wrong.send({ contentTopic, ephemeral: false, payload: bytesOf('of the past') })
  for (let i = 0; i < 3; i++) {
    await right.send({ contentTopic, ephemeral: false, payload: bytesOf(`of the present ${i}`) })
  }
  await until(() => suspicions.length === 2, 'both signs')
  expect(suspicions).toMatchObject([
    { evidence: 'received', message: expect.stringMatching(/300 s ahead of this machine/) },
    { evidence: 'not-stored', message: expect.stringMatching(/kept by no store.*300 s ahead/) },
  ])
  expect(elsewhere).toEqual([])
})
