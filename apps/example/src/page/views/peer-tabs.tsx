import type { ReactNode } from 'react'
import { PEERS, type PeerName, TITLES } from '../world/settings.ts'

/** On a narrow screen: whose side of the conversation is shown. */
export function PeerTabs({
  viewing,
  onView,
}: {
  readonly viewing: PeerName
  readonly onView: (peer: PeerName) => void
}): ReactNode {
  return (
    <div className="peer-tabs" role="group" aria-label="Whose side to show">
      {PEERS.map((peer) => (
        <button
          key={peer}
          type="button"
          className="chip"
          aria-pressed={peer === viewing}
          onClick={() => onView(peer)}
        >
          {TITLES[peer]}
        </button>
      ))}
    </div>
  )
}
