import { type ReactNode, useEffect, useRef } from 'react'
import type { Session } from '../session.ts'
import { PEERS, TITLES } from '../world/settings.ts'

const KINDS = [
  ['content', 'message'],
  ['retransmission', 'sent again'],
  ['repair', 'repair by another peer'],
  ['sync', 'acknowledgement'],
] as const

/** Every frame as a dot, on its way from the application of one peer to those of the others. */
export function Pipeline({ session }: { readonly session: Session }): ReactNode {
  const stages = useRef<HTMLCanvasElement>(null)
  const dots = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let end: (() => void) | undefined = () => {}
    // It comes right after the first paint, in which nothing moves.
    void import('./draw-pipeline.ts').then(({ PipelineDrawing }) => {
      if (end === undefined) return
      const drawing = new PipelineDrawing(session, stages.current!, dots.current!)
      end = () => drawing.close()
    })
    return () => {
      end?.()
      end = undefined
    }
  }, [session])

  const { model } = session
  const { retransmissions, repairs, fetched, syncs, copies, lostCopies } = model.totals
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
      <p className="story">
        From who writes, over the network, to who reads. SDS keeps the order and asks for what is missing;
        what falls is lost. Click a message to see its way.
      </p>
      <div
        className="drawing"
        role="img"
        aria-label="Dots run from each peer's application through segment, SDS, rate limit, encrypt and dispatch over the network, and through decrypt, SDS and reassemble to the others. The numbers stand below."
      >
        <canvas ref={stages} />
        <canvas ref={dots} />
      </div>
      <dl className="facts">
        <Fact
          name="Copies lost"
          value={copies === 0 ? '0 %' : `${Math.round((lostCopies / copies) * 100)} %`}
        />
        <Fact name="Sent again" value={retransmissions} />
        <Fact name="Repaired by others" value={repairs} />
        <Fact name="From network memory" value={fetched} />
        <Fact name="Acknowledgements" value={syncs} />
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
