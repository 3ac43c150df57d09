import type { Keeper } from './keep/keeper.ts'
import type { Kept, Recalled } from './keep/saved-page.ts'
import { Graph } from './model/graph.ts'
import { Model } from './model/model.ts'
import { type Samples, newSamples } from './model/samples.ts'
import type { Preset } from './world/presets.ts'
import type { Settings } from './world/settings.ts'
import { Shelf } from './world/shelf.ts'
import type { WorldEvent } from './world/world-event.ts'
import { type World, openWorld } from './world/world.ts'

/** How much happens before the first paint, so that it shows a conversation: virtual ms. */
const BEFORE_FIRST_PAINT_MS = 5_200
/** The longest that one frame makes up for, ms: a page that was in the background does not race. */
const MAX_FRAME_MS = 100
/** The views of text are told at most so often, ms. */
const TELL_EVERY_MS = 100
/** The conversation is kept at most so often, ms: so much is lost of it when the page is left. */
const KEEP_EVERY_MS = 400
/** Nodes of the graph that are kept. */
const KEPT_NODES = 40

/** A world with what the views show of it, running. */
export interface Session {
  readonly preset: Preset
  readonly world: World
  readonly model: Model
  readonly graph: Graph
  readonly samples: Samples
  /** Comes right after the first paint. */
  keeper: Keeper | undefined
  /** Virtual time up to which it is kept. */
  keptMs: number | undefined
  paused: boolean
  /** Its time stands still, since something else is shown. */
  held: boolean
  /** Virtual ms for each ms. */
  speed: number
  /** Told of everything that happens. */
  readonly watcher: { onEvent: (event: WorldEvent) => void }
  /** Called in each frame, with the visitor's time that has passed in this world, ms. */
  onFrame: (ms: number) => void
  /** Called before the views of text are told. */
  onTell: () => void
  close(): void
}

/** What a session is opened with. */
export interface SessionOptions {
  readonly preset: Preset
  readonly settings: Settings
  /** What it goes on from. */
  readonly past?: Recalled
}

/** Opens a world and lets its time run with the frames of the page. */
export async function openSession({ preset, settings, past }: SessionOptions): Promise<Session> {
  const watcher: Session['watcher'] = { onEvent() {} }
  const model = new Model(past && { model: past.page.model, entries: past.entries })
  const graph = new Graph(past?.page.graph)
  const samples = past?.page.samples ?? newSamples()
  const shelf = new Shelf(past?.kept)
  const world = await openWorld({
    preset,
    settings,
    shelf,
    ...(past && { past: past.page.world }),
    onEvent(event) {
      model.take(event)
      graph.take(event)
      watcher.onEvent(event)
    },
  })
  if (past === undefined) await world.advance(BEFORE_FIRST_PAINT_MS)
  model.flush()

  let open = true
  let lastMs = performance.now()
  let toldMs = lastMs
  let keptMs = lastMs
  let advancing = false
  /** What the world has still to make up for, ms of the visitor. */
  let owedMs = 0
  let isKept = past !== undefined
  const session: Session = {
    preset,
    world,
    model,
    graph,
    samples,
    keeper: undefined,
    keptMs: undefined,
    paused: false,
    held: false,
    speed: 1,
    watcher,
    onFrame() {},
    onTell() {},
    close() {
      open = false
      removeEventListener('pagehide', keep)
      void world.close()
    },
  }
  const take = (): Kept => ({
    page: {
      preset: preset.id,
      world: world.save(),
      model: model.save(),
      samples,
      graph: graph.save(KEPT_NODES),
    },
    entries: model.takeChanges(),
    stores: shelf.take(),
  })
  // Whenever it is called, promises have settled: what it takes is the world at one moment.
  function keep(): void {
    const takenMs = world.elapsedMs
    const written = (): void => void (session.keptMs = takenMs)
    if (session.keeper?.keep(isKept ? 'more' : 'instead', take, written) === true) isKept = true
  }
  const frame = (nowMs: number): void => {
    if (!open) return
    const passedMs = Math.min(nowMs - lastMs, MAX_FRAME_MS)
    lastMs = nowMs
    const isMoving = !session.paused && !session.held && passedMs > 0
    if (isMoving) owedMs = Math.min(owedMs + passedMs, MAX_FRAME_MS)
    if (isMoving && !advancing) {
      advancing = true
      void world.advance(owedMs * session.speed).finally(() => (advancing = false))
      owedMs = 0
    }
    session.onFrame(isMoving ? passedMs * Math.max(1, Math.sqrt(session.speed)) : 0)
    if (nowMs - keptMs >= KEEP_EVERY_MS) {
      keptMs = nowMs
      keep()
    }
    if (nowMs - toldMs >= TELL_EVERY_MS) {
      toldMs = nowMs
      session.onTell()
      model.flush()
    }
    requestAnimationFrame(frame)
  }
  void import('./keep/keeper.ts').then(({ keeper }) => {
    session.keeper = keeper
    keeper.start()
  })
  addEventListener('pagehide', keep)
  requestAnimationFrame(frame)
  return session
}
