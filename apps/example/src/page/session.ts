import { Dots } from './model/dots.ts'
import { Graph } from './model/graph.ts'
import { Model } from './model/model.ts'
import { type Samples, newSamples, sample } from './model/samples.ts'
import type { Preset } from './world/presets.ts'
import type { Settings } from './world/settings.ts'
import { type World, openWorld } from './world/world.ts'

/** How much happens before the first paint, so that it shows a conversation: virtual ms. */
const BEFORE_FIRST_PAINT_MS = 5_200
/** The longest that one frame makes up for, ms: a page that was in the background does not race. */
const MAX_FRAME_MS = 100
/** The views of text are told at most so often, ms. */
const TELL_EVERY_MS = 100

/** A world with what the views show of it, running. */
export interface Session {
  readonly preset: Preset
  readonly world: World
  readonly model: Model
  readonly dots: Dots
  readonly graph: Graph
  readonly samples: Samples
  paused: boolean
  /** Virtual ms for each ms. */
  speed: number
  /** Called in each frame, after everything has moved. */
  onFrame: () => void
  close(): void
}

/** Opens a world and lets its time run with the frames of the page. */
export async function openSession(preset: Preset, settings: Settings): Promise<Session> {
  const model = new Model()
  const dots = new Dots()
  const graph = new Graph()
  const samples = newSamples()
  const world = await openWorld({
    preset,
    settings,
    onEvent(event) {
      model.take(event)
      dots.take(event)
      graph.take(event)
    },
  })
  await world.advance(BEFORE_FIRST_PAINT_MS)
  model.flush()

  let open = true
  let lastMs = performance.now()
  let toldMs = lastMs
  let advancing = false
  const session: Session = {
    preset,
    world,
    model,
    dots,
    graph,
    samples,
    paused: false,
    speed: 1,
    onFrame() {},
    close() {
      open = false
      void world.close()
    },
  }
  const frame = (nowMs: number): void => {
    if (!open) return
    const passedMs = Math.min(nowMs - lastMs, MAX_FRAME_MS)
    lastMs = nowMs
    if (!session.paused && passedMs > 0) {
      dots.move(passedMs * Math.max(1, Math.sqrt(session.speed)))
      if (!advancing) {
        advancing = true
        void world.advance(passedMs * session.speed).finally(() => (advancing = false))
      }
    }
    session.onFrame()
    if (nowMs - toldMs >= TELL_EVERY_MS) {
      toldMs = nowMs
      sample(samples, model, world.elapsedMs)
      model.flush()
    }
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  return session
}
