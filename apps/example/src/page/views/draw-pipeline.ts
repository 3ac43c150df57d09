import { type CopyDot, type Dot, Dots } from '../model/dots.ts'
import type { Session } from '../session.ts'
import { PEERS, type PeerName, TITLES } from '../world/settings.ts'
import { type Palette, followPalette } from './palette.ts'
import { type PipelineMap, type Point, RECEIVER_STAGES, SENDER_STAGES, pipelineMap } from './pipeline-map.ts'

/** How far a lost dot falls, px. */
const FALL_PX = 46

/** Draws the stages of all peers, and on another canvas above them every frame on its way, from now on. */
export class PipelineDrawing {
  readonly #moving = new Dots()
  readonly #session: Session
  readonly #stages: HTMLCanvasElement
  readonly #dots: HTMLCanvasElement
  readonly #resizing: ResizeObserver
  readonly #unfollow: () => void
  #palette: Palette | undefined
  #width = 0
  #height = 0
  /** What the stages were drawn of; they seldom change. */
  #drawn = ''
  #isClear = true

  constructor(session: Session, stages: HTMLCanvasElement, dots: HTMLCanvasElement) {
    this.#session = session
    session.watcher.onEvent = (event) => this.#moving.take(event)
    session.onFrame = (ms) => this.#draw(ms)
    this.#stages = stages
    this.#dots = dots
    // Asking for the size in each frame would have the page laid out in each.
    this.#resizing = new ResizeObserver(() => this.#measure())
    this.#resizing.observe(stages)
    this.#measure()
    this.#unfollow = followPalette(stages, (palette) => {
      this.#palette = palette
      this.#drawn = ''
    })
  }

  /** Draws what has changed since the last frame. */
  #draw(ms: number): void {
    const session = this.#session
    this.#moving.move(ms)
    if (this.#palette === undefined || this.#width === 0) return
    const map = pipelineMap(this.#width, this.#height)
    const { isStill } = this.#palette
    const state = PEERS.map((peer) => {
      const { sent, arrived, lost } = session.model.peers[peer]
      const counts = isStill ? `${sent} ${arrived} ${lost}` : ''
      return `${stateOf(session, peer)} ${waitingAt(session, peer)} ${counts}`
    }).join()
    if (state !== this.#drawn) {
      this.#drawn = state
      drawStages(this.#clear(this.#stages), map, session, this.#palette)
    }
    const size = isStill ? 0 : this.#moving.all.size
    if (size === 0 && this.#isClear) return
    const context = this.#clear(this.#dots)
    this.#isClear = size === 0
    if (isStill) return
    for (const dot of this.#moving.all.values()) drawDot(context, map, dot, this.#palette)
  }

  close(): void {
    this.#session.watcher.onEvent = () => {}
    this.#session.onFrame = () => {}
    this.#resizing.disconnect()
    this.#unfollow()
  }

  #measure(): void {
    this.#width = this.#stages.clientWidth
    this.#height = this.#stages.clientHeight
    const scale = globalThis.devicePixelRatio
    for (const canvas of [this.#stages, this.#dots]) {
      canvas.width = Math.round(this.#width * scale)
      canvas.height = Math.round(this.#height * scale)
      canvas.getContext('2d')!.scale(scale, scale)
    }
    this.#drawn = ''
  }

  #clear(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const context = canvas.getContext('2d')!
    context.clearRect(0, 0, this.#width, this.#height)
    return context
  }
}

/** What its name is followed by. */
function stateOf({ world }: Session, peer: PeerName): string {
  if (!world.isOnline(peer)) return ', offline'
  return world.settings.partition === peer ? ', cut off' : ''
}

/** Frames that a peer holds back for its quota. */
function waitingAt({ model }: Session, peer: PeerName): number {
  const { critical = 0, normal = 0, optional = 0 } = model.peers[peer].quota?.waiting ?? {}
  return critical + normal + optional
}

function drawStages(
  context: CanvasRenderingContext2D,
  map: PipelineMap,
  session: Session,
  { ink, muted, line, surface, bad, font, isStill }: Palette,
): void {
  const { model } = session
  context.lineWidth = 1
  context.strokeStyle = line
  context.globalAlpha = 0.6
  for (const [from, to] of map.guides()) path(context, from, to)
  context.globalAlpha = 1
  for (const peer of PEERS) {
    context.strokeStyle = line
    path(context, map.senderPoint(peer, 0), map.senderPoint(peer, 1))
    path(context, map.receiverPoint(peer, 0), map.receiverPoint(peer, 1))
    context.setLineDash([2, 4])
    for (const other of PEERS)
      if (other !== peer)
        path(context, map.networkPoint(peer, other, 0.04), map.networkPoint(peer, other, 0.96))
    context.setLineDash([])
    context.fillStyle = surface
    const stops = [
      ...SENDER_STAGES.map((_, i) => map.senderPoint(peer, i / (SENDER_STAGES.length - 1))),
      ...RECEIVER_STAGES.map((_, i) => map.receiverPoint(peer, i / (RECEIVER_STAGES.length - 1))),
    ]
    for (const { x, y } of stops) circle(context, x, y, 4, true)
  }
  context.font = `12px ${font}`
  context.textBaseline = 'middle'
  const label = (text: string, { x, y }: Point, index: number): void => {
    context.fillStyle = muted
    if (map.isWide) {
      context.textAlign = 'center'
      // Neighbours stand on two lines, so that they do not touch.
      context.fillText(text, x, 16 + (index % 2) * 17)
    } else {
      context.textAlign = 'left'
      context.fillText(text, 0, y)
    }
  }
  SENDER_STAGES.forEach((text, i) => label(text, map.senderPoint('alice', i / (SENDER_STAGES.length - 1)), i))
  RECEIVER_STAGES.forEach((text, i) =>
    label(text, map.receiverPoint('alice', i / (RECEIVER_STAGES.length - 1)), i),
  )
  label('network', map.networkPoint('alice', 'alice', 0.5), 0)
  for (const peer of PEERS) {
    const { x, y } = map.senderPoint(peer, 0)
    const state = stateOf(session, peer)
    context.fillStyle = state === '' ? ink : muted
    context.font = `600 12px ${font}`
    context.textAlign = map.isWide ? 'left' : 'center'
    context.fillText(TITLES[peer] + state, map.isWide ? x - 6 : x, y - 18)
    // From top to bottom a column keeps its name; from left to right its end is far away.
    if (map.isWide) {
      const end = map.receiverPoint(peer, 1)
      context.textAlign = 'right'
      context.fillText(TITLES[peer], end.x + 6, end.y - 18)
    }
    if (isStill) {
      // Instead of dots that move: how many did.
      const { sent, arrived, lost } = model.peers[peer]
      const [out, into] = [map.senderPoint(peer, 1), map.receiverPoint(peer, 0)]
      context.font = `12px ${font}`
      context.textAlign = map.isWide ? 'right' : 'center'
      context.fillStyle = ink
      context.fillText(`${sent} sent`, out.x, out.y + 18)
      context.textAlign = map.isWide ? 'left' : 'center'
      context.fillText(`${arrived} came`, into.x, into.y + 18)
      context.fillStyle = bad
      context.fillText(`${lost} lost`, into.x, into.y + 34)
      context.fillStyle = muted
    }
    const waiting = waitingAt(session, peer)
    if (waiting === 0) continue
    const at = map.senderPoint(peer, 3 / 5)
    context.font = `12px ${font}`
    context.textAlign = 'center'
    context.fillText(`${waiting} wait`, at.x, at.y + 18)
  }
}

function drawDot(context: CanvasRenderingContext2D, map: PipelineMap, dot: Dot, palette: Palette): void {
  context.fillStyle = palette.kinds[dot.kind]
  const radius = dot.kind === 'sync' ? 3 : 4.5
  if (dot.left < 1) {
    const { x, y } = map.senderPoint(dot.from, dot.left)
    return circle(context, x, y, radius)
  }
  for (const copy of dot.copies) drawCopy(context, map, { dot, copy, radius }, palette)
}

function drawCopy(
  context: CanvasRenderingContext2D,
  map: PipelineMap,
  { dot, copy, radius }: { readonly dot: Dot; readonly copy: CopyDot; readonly radius: number },
  { bad, font, kinds }: Palette,
): void {
  if (copy.climbed >= 1 || copy.fallen >= 1) return
  const { x, y } =
    copy.crossed < 1
      ? map.networkPoint(dot.from, copy.to, copy.crossed)
      : map.receiverPoint(copy.to, copy.climbed)
  if (copy.fallen === 0) {
    context.fillStyle = kinds[dot.kind]
    return circle(context, x, y, radius)
  }
  const drop = copy.fallen ** 2 * FALL_PX
  context.globalAlpha = 1 - copy.fallen ** 3
  context.fillStyle = bad
  circle(context, x, y + drop, radius)
  if (dot.kind !== 'sync') {
    context.font = `11px ${font}`
    context.textAlign = 'left'
    context.fillText(copy.reason ?? 'lost', x + 8, y + drop)
  }
  context.globalAlpha = 1
}

function path(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.lineTo(to.x, to.y)
  context.stroke()
}

function circle(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  outlined = false,
): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fill()
  if (outlined) context.stroke()
}
