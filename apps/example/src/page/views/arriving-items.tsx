import type { ReactNode } from 'react'
import type { Arriving } from '../model/peer-view.ts'

/** What is coming, at the end of a list of messages. */
export function ArrivingItems({ arriving }: { readonly arriving: Iterable<Arriving> }): ReactNode {
  return [...arriving].map(({ payloadHash, held, needed }) => (
    <li key={payloadHash} className="arriving">
      <span>
        Receiving, {held} of {needed} segments
      </span>
      <progress value={held} max={needed} aria-label="Segments received" />
    </li>
  ))
}
