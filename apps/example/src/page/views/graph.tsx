import type { ReactNode } from 'react'
import type { GraphNode } from '../model/graph.ts'
import { graphText, holdingOf } from '../model/graph-text.ts'
import type { Model } from '../model/model.ts'
import type { Session } from '../session.ts'
import { PEERS, type PeerName, TITLES } from '../world/settings.ts'

/** Messages in the picture. */
const SHOWN = 18
const STEP = 30
const HEIGHT = 62

/** The log of each peer: a dot for each message, an arc to each that it comes after, a ring where one is missing. */
export function CausalGraph({ session: { graph, model } }: { readonly session: Session }): ReactNode {
  const nodes = graph.latest(SHOWN)
  return (
    <section className="card" aria-label="What each peer knows">
      <div className="section-head">
        <h2>What comes after what</h2>
        <ul className="legend" aria-label="Marks of the graph">
          <li data-cell="first">came the first time</li>
          <li data-cell="recovered">repaired</li>
          <li data-holding="hole">missing</li>
        </ul>
      </div>
      {PEERS.map((peer) => (
        <div key={peer} className="log">
          <h3>{TITLES[peer]}</h3>
          <svg
            role="img"
            aria-label={`${TITLES[peer]} has ${graphText(nodes, peer)}`}
            viewBox={`0 0 ${SHOWN * STEP} ${HEIGHT}`}
          >
            <Log nodes={nodes} peer={peer} model={model} />
          </svg>
          <span className="hint">{graphText(nodes, peer)}</span>
        </div>
      ))}
    </section>
  )
}

function Log({
  nodes,
  peer,
  model,
}: {
  readonly nodes: readonly GraphNode[]
  readonly peer: PeerName
  readonly model: Model
}): ReactNode {
  const places = new Map(nodes.map(({ messageId }, i) => [messageId, i]))
  const xOf = (i: number): number => i * STEP + STEP / 2
  const y = HEIGHT - 14
  return (
    <>
      {nodes.flatMap(({ messageId, after }, i) =>
        after.map((before) => {
          const from = places.get(before)
          if (from === undefined || i - from > 3) return undefined
          const top = y - 14 * (i - from)
          return (
            <path
              key={`${messageId} ${before}`}
              className="arc"
              d={`M${xOf(i)} ${y}Q${(xOf(i) + xOf(from)) / 2} ${top} ${xOf(from)} ${y}`}
            />
          )
        }),
      )}
      {nodes.map((node, i) => (
        <circle
          key={node.messageId}
          cx={xOf(i)}
          cy={y}
          r={node.author === peer ? 7 : 5.5}
          className="node"
          data-holding={holdingOf(node, peer)}
        >
          <title>{`${TITLES[node.author]}: ${model.entryOfMessage(node.messageId)?.message.text ?? ''}`}</title>
        </circle>
      ))}
    </>
  )
}
