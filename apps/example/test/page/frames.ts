import { parseArgs } from 'node:util'
import { launchChromium } from '../../../../scripts/chromium.ts'
import { openPage } from './open-page.ts'
import { servePage, untilBuilt } from './served-page.ts'
import { traceFrames } from './trace-frames.ts'

const usage = `npx pnpm@12 frames [--messages N] [--seconds N] [--width PX] [--preset NAME]

Builds the page, lets its peers say N messages a second (20), and has Chromium trace N seconds (10) of it. Prints the time
between frames, and what the main thread computed for each in its own CPU time, which others on the machine do not change.`

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '10' },
    width: { type: 'string', default: '1440' },
    preset: { type: 'string', default: 'bad-wifi' },
    help: { type: 'boolean', default: false },
  },
})

/** The value below which so many of a hundred lie. */
function percentile(sorted: readonly number[], percent: number): string {
  return (
    sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
  ).toFixed(1)
}

function line(name: string, numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [p50, p95, p99] = [50, 95, 99].map((percent) => percentile(sorted, percent))
  return `${name.padEnd(34)}p50 ${p50} ms   p95 ${p95} ms   p99 ${p99} ms`
}

async function measure(): Promise<void> {
  await using served = await servePage()
  await untilBuilt(served.url)
  const browser = await launchChromium()
  try {
    const url = `${served.url}?preset=${values.preset}&chatter=${values.messages}&seed=1`
    const { page } = await openPage(browser, url, { width: Number(values.width) })
    // The script of the beginning is over, and there is a conversation of several screens.
    await page.waitForFunction(
      () => document.querySelectorAll('[data-peer=alice] .bubble').length >= 30,
      undefined,
      {
        timeout: 120_000,
      },
    )
    const said = (): Promise<number> =>
      page.evaluate(() => Number(/of (\d+)/.exec(document.querySelector('.bar')!.textContent)?.[1]) / 2)
    const before = await said()
    const traced = await traceFrames(browser, page, () => page.waitForTimeout(Number(values.seconds) * 1_000))
    const { count, intervalsMs, workMs, byKind, layouts, forcedLayouts } = traced
    const after = await said()
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
    const totalMs = intervalsMs.reduce((sum, ms) => sum + ms, 0)
    console.log(
      `${count} frames in ${(totalMs / 1_000).toFixed(1)} s, ${after - before} messages, ${nodes} elements`,
    )
    console.log(line('between frames', intervalsMs))
    console.log(line('main thread for a frame, CPU', workMs))
    console.log(`frames that need more than 16.7 ms  ${workMs.filter((ms) => ms > 16.7).length}`)
    console.log(`layouts ${layouts}, of which forced by a script ${forcedLayouts}`)
    for (const [kind, ms] of byKind.slice(0, 8))
      console.log(`  ${kind.padEnd(24)}${(ms / count).toFixed(2)} ms a frame`)
  } finally {
    await browser.close()
  }
}

if (values.help) console.log(usage)
else await measure()
