import { virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { Deadlines } from './deadlines.ts'

interface Named {
  readonly name: string
}

function setUp(limitMs = 100) {
  const scheduler = virtualTime()
  const start = scheduler.now()
  const passed: string[] = []
  const deadlines = new Deadlines<Named>({
    limitMs,
    scheduler,
    passed: ({ name }) => passed.push(`${name} ${scheduler.now() - start}`),
  })
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name })) as [Named, Named, Named]
  return { deadlines, passed, a, b, c, scheduler, pass: (ms: number) => scheduler.run({ maxMs: ms }) }
}

describe('deadlines of equal length', () => {
  it('pass for each when its time is over, and for none that was over before', async () => {
    const { deadlines, passed, pass, a, b, c } = setUp()
    deadlines.arm(a)
    await pass(30)
    deadlines.arm(b)
    deadlines.arm(c)
    await pass(10)
    deadlines.disarm(b)
    await pass(200)
    expect(passed).toEqual(['a 100', 'c 130'])
  })

  it('begin anew for what is armed again', async () => {
    const { deadlines, passed, pass, a, b } = setUp()
    deadlines.arm(a)
    deadlines.arm(b)
    await pass(60)
    deadlines.arm(a)
    await pass(200)
    expect(passed).toEqual(['b 100', 'a 160'])
  })

  it('can be armed while others pass', async () => {
    const scheduler = virtualTime()
    const passed: string[] = []
    const a = { name: 'a' }
    const deadlines = new Deadlines<Named>({
      limitMs: 10,
      scheduler,
      passed(item) {
        passed.push(item.name)
        if (passed.length < 3) deadlines.arm(item)
      },
    })
    deadlines.arm(a)
    await scheduler.run({ maxMs: 100 })
    expect(passed).toEqual(['a', 'a', 'a'])
  })

  it('pass after more than a second, and leave no timer for long when all is over', async () => {
    const { deadlines, passed, pass, a, b, c, scheduler } = setUp(60_000)
    deadlines.arm(a)
    await pass(10)
    deadlines.arm(b)
    deadlines.disarm(a)
    await pass(59_990)
    expect(passed).toEqual([])
    await pass(20)
    expect(passed).toEqual(['b 60010'])
    const from = scheduler.now()
    deadlines.arm(c)
    await pass(30_000)
    deadlines.disarm(c)
    await scheduler.run()
    deadlines.arm(c)
    deadlines.disarm(c)
    await scheduler.run()
    expect(scheduler.now() - from).toBeLessThanOrEqual(31_000)
  })

  it('never pass once they are closed', async () => {
    const { deadlines, passed, pass, a } = setUp()
    deadlines.arm(a)
    deadlines.close()
    await pass(200)
    expect(passed).toEqual([])
  })
})
