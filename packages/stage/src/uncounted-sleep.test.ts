import { VirtualTimeScheduler } from 'rxjs'
import { expect, it } from 'vitest'
import { NO_STEP } from './core/stage.ts'
import { createDriver } from './create-driver.ts'

/** A machine whose timers do not count the time that it slept, though its clock does: each fires so much later. */
class Suspended extends VirtualTimeScheduler {
  #sleptMs = 0
  override now = (): number => this.frame + this.#sleptMs

  sleep(ms: number): void {
    this.#sleptMs += ms
  }

  run(ms: number): void {
    this.maxFrames = this.frame + ms
    this.flush()
    this.frame = this.maxFrames
  }
}

/** Does each piece of work so long after it was handed in, and says when. */
function workshop() {
  const scheduler = new Suspended()
  const log: string[] = []
  const due = new Map<string, number>()
  const stage = {
    handle({ name, afterMs }: { readonly name: string; readonly afterMs: number }, now: number) {
      due.set(name, now + afterMs)
      return NO_STEP
    },
    deadline: () => (due.size === 0 ? undefined : Math.min(...due.values())),
    tick(now: number) {
      for (const [name, at] of due) if (at <= now && due.delete(name)) log.push(`${name} at ${now}`)
      return NO_STEP
    },
  }
  const driver = createDriver<{ name: string; afterMs: number }, never>(stage, { scheduler })
  return { scheduler, log, driver }
}

// F12
it('what an input after the sleep makes due does not wait for a timer from before', () => {
  const { scheduler, log, driver } = workshop()
  driver.dispatch({ name: 'before', afterMs: 1_200_000 })
  scheduler.sleep(10_800_000)
  driver.dispatch({ name: 'after', afterMs: 1_000 })
  expect(log).toEqual(['before at 10800000'])
  scheduler.run(1_000)
  expect(log).toEqual(['before at 10800000', 'after at 10801000'])
})

it('nor where the timer was armed for what is no longer due', () => {
  const { scheduler, log, driver } = workshop()
  driver.dispatch({ name: 'moved', afterMs: 1_200_000 })
  driver.dispatch({ name: 'moved', afterMs: 86_400_000 })
  scheduler.sleep(10_800_000)
  driver.dispatch({ name: 'after', afterMs: 1_000 })
  scheduler.run(1_000)
  expect(log).toEqual(['after at 10801000'])
})
