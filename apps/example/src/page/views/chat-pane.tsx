import type { Parcel } from '@reliable-channels/messages/parcel'
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { healthText } from '../model/peer-view.ts'
import type { Session } from '../session.ts'
import { type PeerName, TITLES } from '../world/settings.ts'
import { Bubble } from './bubble.tsx'
import { Composer } from './composer.tsx'

/** Messages that a pane begins with, and how many more each wish for earlier ones brings. */
const SHOWN = 30
/** Whoever is so near the end of the list, px, follows what comes; who has scrolled further up is left to read. */
const NEAR_END_PX = 40

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
  const [shown, setShown] = useState(SHOWN)
  const follows = useRef(true)
  const latest = `${view.order.at(-1)} ${view.arriving.size}`
  useEffect(() => {
    const { current } = list
    if (current !== null && follows.current) current.scrollTop = current.scrollHeight
  }, [latest])

  const say = (parcel: Parcel): void => {
    follows.current = true
    world.say(peer, parcel)
    model.follow(peer)
  }
  const dropped = (event: DragEvent): void => {
    event.preventDefault()
    setTarget(false)
    for (const file of event.dataTransfer.files)
      void file.arrayBuffer().then((bytes) => {
        say({ kind: 'file', name: file.name, bytes: new Uint8Array(bytes) })
      })
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
        <span className="health" data-good={health.good}>
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
      <ol
        className="bubbles"
        ref={list}
        aria-label={`Messages at ${TITLES[peer]}`}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
        }}
      >
        {view.order.length > shown && (
          <li className="earlier">
            <button type="button" className="quiet" onClick={() => setShown(shown + SHOWN)}>
              Show earlier messages
            </button>
          </li>
        )}
        {view.order.slice(-shown).map((id) => {
          const entry = model.entries.get(id)!
          return <Bubble key={id} entry={entry} version={entry.version} peer={peer} onOpen={onOpen} />
        })}
        {[...view.arriving.values()].map(({ payloadHash, held, needed }) => (
          <li key={payloadHash} className="arriving">
            <span>
              Receiving, {held} of {needed} segments
            </span>
            <progress value={held} max={needed} aria-label="Segments received" />
          </li>
        ))}
      </ol>
      <Composer
        name={TITLES[peer]}
        onText={(text) => say({ kind: 'text', text })}
        onFile={(name, bytes) => say({ kind: 'file', name, bytes })}
      />
    </article>
  )
}
