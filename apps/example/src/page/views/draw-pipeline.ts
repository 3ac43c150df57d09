import type { CopyDot, Dot } from '../model/dots.ts'
import type { Session } from '../session.ts'
import { PEERS, TITLES } from '../world/settings.ts'
import type { Palette } from './palette.ts'
import { type PipelineMap, type Point, RECEIVER_STAGES, SENDER_STAGES, pipelineMap } from './pipeline-map.ts'

/** How far a lost dot falls, px. */
const FALL_PX = 46

/** Draws the stages of all peers and every frame on its way. */
export function drawPipeline(canvas: HTMLCanvasElement, session: Session, palette: Palette): void {
  const { clientWidth: width, clientHeight: height } = canvas
  const scale = globalThis.devicePixelRatio
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)]
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high })
  const context = canvas.getContext('2d')!
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, height)
  const map = pipelineMap(width, height)
  drawStages(context, map, session, palette)
  for (const dot of session.dots.all.values()) drawDot(context, map, dot, palette)
}

function drawStages(
  context: CanvasRenderingContext2D,
  map: PipelineMap,
  { world, model }: Session,
  { ink, muted, line, surface, font }: Palette,
): void {
  context.lineWidth = 1
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
    context.fillStyle = world.isOnline(peer) ? ink : muted
    context.font = `600 12px ${font}`
    context.textAlign = map.isWide ? 'left' : 'center'
    const name = world.isOnline(peer) ? TITLES[peer] : `${TITLES[peer]}, offline`
    context.fillText(name, map.isWide ? x - 6 : x, y - 18)
    // From top to bottom a column keeps its name; from left to right its end is far away.
    if (map.isWide) {
      const end = map.receiverPoint(peer, 1)
      context.textAlign = 'right'
      context.fillText(TITLES[peer], end.x + 6, end.y - 18)
    }
    const { critical = 0, normal = 0, optional = 0 } = model.peers[peer].quota?.waiting ?? {}
    const waiting = critical + normal + optional
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
    if (palette.isStill) return
    const { x, y } = map.senderPoint(dot.from, dot.left)
    return circle(context, x, y, radius)
  }
  for (const copy of dot.copies) drawCopy(context, map, { dot, copy, radius }, palette)
}

function drawCopy(
  context: CanvasRenderingContext2D,
  map: PipelineMap,
  { dot, copy, radius }: { readonly dot: Dot; readonly copy: CopyDot; readonly radius: number },
  { bad, font, kinds, isStill }: Palette,
): void {
  if (copy.climbed >= 1 || copy.fallen >= 1) return
  const { x, y } =
    copy.crossed < 1
      ? map.networkPoint(dot.from, copy.to, copy.crossed)
      : map.receiverPoint(copy.to, copy.climbed)
  if (copy.fallen === 0) {
    // With less motion only losses are shown, where they happen.
    if (isStill) return
    context.fillStyle = kinds[dot.kind]
    return circle(context, x, y, radius)
  }
  const drop = isStill ? 0 : copy.fallen ** 2 * FALL_PX
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
