import { type DragEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { healthText } from '../model/peer-view.ts'
import type { Session } from '../session.ts'
import { type PeerName, TITLES } from '../world/settings.ts'
import { Bubble } from './bubble.tsx'
import { Composer } from './composer.tsx'
import { sendFile } from './send-file.ts'

/** Messages in a pane: drawing more of them, twenty times a second, costs frames. */
const SHOWN = 80

/** One peer's side of the conversation. */
export function ChatPane({
  session,
  peer,
  isViewed,
  onOpen,
}: {
  readonly session: Session
  readonly peer: PeerName
  readonly isViewed: boolean
  readonly onOpen: (id: string) => void
}): ReactNode {
  const { model, world } = session
  const view = model.peers[peer]
  const health = healthText(view)
  const list = useRef<HTMLOListElement>(null)
  const [isTarget, setTarget] = useState(false)
  const count = view.order.length + view.arriving.size
  useEffect(() => {
    const { current } = list
    if (current !== null) current.scrollTop = current.scrollHeight
  }, [count])

  const dropped = (event: DragEvent): void => {
    event.preventDefault()
    setTarget(false)
    for (const file of event.dataTransfer.files) void sendFile(session, peer, file)
  }
  return (
    <article
      className="pane"
      data-peer={peer}
      data-viewed={isViewed}
      data-target={isTarget}
      aria-label={TITLES[peer]}
      onDragOver={(event) => {
        event.preventDefault()
        setTarget(true)
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={dropped}
    >
      <header className="pane-head">
        <h2>{TITLES[peer]}</h2>
        <span className="health" data-good={health.good} role="status">
          {health.text}
        </span>
        <button
          type="button"
          className="quiet"
          aria-pressed={!view.online}
          aria-label={`${view.online ? 'Go offline' : 'Come back'} as ${TITLES[peer]}`}
          onClick={() => world.setOnline(peer, !view.online)}
        >
          {view.online ? 'Go offline' : 'Come back'}
        </button>
      </header>
      <ol className="bubbles" ref={list} aria-label={`Messages at ${TITLES[peer]}`} tabIndex={0}>
        {view.order.slice(-SHOWN).map((id) => (
          <Bubble key={id} entry={model.entries.get(id)!} peer={peer} onOpen={() => onOpen(id)} />
        ))}
        {[...view.arriving.values()].map(({ payloadHash, held, needed }) => (
          <li key={payloadHash} className="arriving">
            <span>
              Receiving, {held} of {needed} segments
            </span>
            <progress value={held} max={needed} aria-label="Segments received" />
          </li>
        ))}
      </ol>
      <Composer session={session} peer={peer} />
    </article>
  )
}
