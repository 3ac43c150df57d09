import type { Browser, Page } from 'playwright-core'

/** What the browser's own tracing says of how a page is drawn. */
export interface Frames {
  readonly count: number
  /** Between the starts of frames, ms. */
  readonly intervalsMs: readonly number[]
  /** What the main thread computed for each, ms of its own CPU time: others on the machine do not count. */
  readonly workMs: readonly number[]
  /** Main-thread time by what it went into, ms of the whole trace, the most first. */
  readonly byKind: readonly (readonly [kind: string, ms: number])[]
  /** How often the page was laid out, and how often a script forced it. */
  readonly layouts: number
  readonly forcedLayouts: number
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** µs */
  readonly ts: number
  readonly dur?: number
  /** Of the thread's own time, µs. */
  readonly tdur?: number
  readonly args?: { readonly name?: string; readonly beginData?: { readonly stackTrace?: unknown } }
}

const CATEGORIES = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'disabled-by-default-devtools.timeline.stack',
  'toplevel',
  'v8',
]
const FRAME = 'BeginMainThreadFrame'
const TASK = new Set(['RunTask', 'ThreadControllerImpl::RunTask'])
const KINDS = new Set([
  'FireAnimationFrame',
  'TimerFire',
  'RunMicrotasks',
  'Layout',
  'UpdateLayoutTree',
  'PrePaint',
  'Paint',
  'Layerize',
  'Commit',
  'MajorGC',
  'MinorGC',
  'V8.GCScavenger',
  'ResizeObserver',
])

/** Traces a page until something is over. */
export async function traceFrames(
  browser: Browser,
  page: Page,
  during: () => Promise<unknown>,
): Promise<Frames> {
  await browser.startTracing(page, { categories: CATEGORIES })
  await during()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[]
  }
  return framesOf(traceEvents)
}

/** What the trace says of the renderer with the most frames, which is the page's. */
function framesOf(all: readonly TraceEvent[]): Frames {
  const starts = all.filter(({ name }) => name === FRAME)
  const perThread = Map.groupBy(starts, ({ pid, tid }) => `${pid} ${tid}`)
  const [own = []] = [...perThread.values()].toSorted((a, b) => b.length - a.length)
  const [{ pid, tid } = { pid: 0, tid: 0 }] = own
  const events = all.filter((event) => event.pid === pid && event.tid === tid)
  const times = own.map(({ ts }) => ts).toSorted((a, b) => a - b)
  const workMs = times.slice(1).map(() => 0)
  let frame = 0
  for (const { ts, tdur = 0 } of topTasks(events)) {
    while (frame < times.length - 1 && ts >= times[frame + 1]!) frame++
    if (ts >= times[0]! && frame < workMs.length) workMs[frame]! += tdur / 1_000
  }
  const layouts = events.filter(({ name }) => name === 'Layout')
  const byKind = Map.groupBy(
    events.filter(({ name, tdur }) => KINDS.has(name) && tdur !== undefined),
    ({ name }) => name,
  )
  return {
    count: times.length,
    intervalsMs: times.slice(1).map((time, i) => (time - times[i]!) / 1_000),
    workMs,
    byKind: [...byKind]
      .map(([kind, some]) => [kind, some.reduce((sum, { tdur = 0 }) => sum + tdur / 1_000, 0)] as const)
      .toSorted(([, a], [, b]) => b - a),
    layouts: layouts.length,
    forcedLayouts: layouts.filter(({ args }) => args?.beginData?.stackTrace !== undefined).length,
  }
}

/** Tasks of the thread, without those that run inside another. */
function topTasks(events: readonly TraceEvent[]): TraceEvent[] {
  const tasks = events.filter(({ name, ph }) => ph === 'X' && TASK.has(name)).toSorted((a, b) => a.ts - b.ts)
  let endUs = -Infinity
  return tasks.filter(({ ts, dur = 0 }) => {
    if (ts < endUs) return false
    endUs = ts + dur
    return true
  })
}
