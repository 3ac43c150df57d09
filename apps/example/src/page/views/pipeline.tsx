import { type ReactNode, useEffect, useRef } from 'react'
import type { Session } from '../session.ts'
import { PEERS, TITLES } from '../world/settings.ts'
import { drawPipeline } from './draw-pipeline.ts'
import { readPalette } from './palette.ts'

const KINDS = [
  ['content', 'message'],
  ['retransmission', 'sent again'],
  ['repair', 'repair by another peer'],
  ['sync', 'acknowledgement'],
] as const

/** Every frame as a dot, on its way from the application of one peer to those of the others. */
export function Pipeline({ session }: { readonly session: Session }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current!
    let wanted = true
    let palette = readPalette(element)
    let readMs = performance.now()
    const frame = (nowMs: number): void => {
      if (!wanted) return
      if (nowMs - readMs > 1_000) {
        palette = readPalette(element)
        readMs = nowMs
      }
      drawPipeline(element, session, palette)
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    return () => {
      wanted = false
    }
  }, [session])

  const { model } = session
  const { frames, retransmissions, repairs, syncs, copies, lostCopies } = model.totals
  const waiting = PEERS.map((peer) => {
    const { critical = 0, normal = 0, optional = 0 } = model.peers[peer].quota?.waiting ?? {}
    return { peer, count: critical + normal + optional }
  }).filter(({ count }) => count > 0)
  return (
    <section className="pipeline" aria-label="What happens to each message">
      <div className="section-head">
        <h2>On the way</h2>
        <ul className="legend" aria-label="Colours of the dots">
          {KINDS.map(([kind, text]) => (
            <li key={kind} data-kind={kind}>
              {text}
            </li>
          ))}
        </ul>
      </div>
      <canvas
        ref={canvas}
        role="img"
        aria-label="Dots run from each peer's application through segment, SDS, rate limit, encrypt and dispatch over the network, and through decrypt, SDS and reassemble to the others. The numbers stand below."
      />
      <dl className="facts">
        <Fact name="Frames sent" value={frames} />
        <Fact name="Sent again" value={retransmissions} />
        <Fact name="Repairs" value={repairs} />
        <Fact name="Acknowledgements" value={syncs} />
        <Fact
          name="Copies lost"
          value={copies === 0 ? '0 %' : `${Math.round((lostCopies / copies) * 100)} %`}
        />
        <Fact
          name="Waiting for quota"
          value={
            waiting.length === 0
              ? 'nothing'
              : waiting.map(({ peer, count }) => `${TITLES[peer]} ${count}`).join(', ')
          }
        />
      </dl>
    </section>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: string | number }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
