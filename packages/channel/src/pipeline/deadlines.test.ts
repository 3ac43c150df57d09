import { virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { Deadlines } from './deadlines.ts'

function setUp() {
  const scheduler = virtualTime()
  const start = scheduler.now()
  const passed: string[] = []
  const deadlines = new Deadlines<string>({
    limitMs: 100,
    scheduler,
    passed: (item) => passed.push(`${item} ${scheduler.now() - start}`),
  })
  return { deadlines, passed, pass: (ms: number) => scheduler.run({ maxMs: ms }) }
}

describe('deadlines of equal length', () => {
  it('pass for each when its time is over, and for none that was over before', async () => {
    const { deadlines, passed, pass } = setUp()
    deadlines.arm('a')
    await pass(30)
    deadlines.arm('b')
    deadlines.arm('c')
    await pass(10)
    deadlines.disarm('b')
    await pass(200)
    expect(passed).toEqual(['a 100', 'c 130'])
  })

  it('begin anew for what is armed again', async () => {
    const { deadlines, passed, pass } = setUp()
    deadlines.arm('a')
    deadlines.arm('b')
    await pass(60)
    deadlines.arm('a')
    await pass(200)
    expect(passed).toEqual(['b 100', 'a 160'])
  })

  it('can be armed while others pass', async () => {
    const scheduler = virtualTime()
    const passed: string[] = []
    const deadlines = new Deadlines<string>({
      limitMs: 10,
      scheduler,
      passed(item) {
        passed.push(item)
        if (passed.length < 3) deadlines.arm(item)
      },
    })
    deadlines.arm('a')
    await scheduler.run({ maxMs: 100 })
    expect(passed).toEqual(['a', 'a', 'a'])
  })

  it('never pass once they are closed', async () => {
    const { deadlines, passed, pass } = setUp()
    deadlines.arm('a')
    deadlines.close()
    await pass(200)
    expect(passed).toEqual([])
  })
})
