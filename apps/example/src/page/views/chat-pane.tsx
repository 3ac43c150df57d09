import type { Parcel } from '@reliable-channels/messages/parcel'
import { type ReactNode, useRef, useState } from 'react'
import { healthText } from '../model/peer-view.ts'
import type { Session } from '../session.ts'
import { type PeerName, TITLES } from '../world/settings.ts'
import { ArrivingItems } from './arriving-items.tsx'
import { Bubble } from './bubble.tsx'
import { Composer } from './composer.tsx'
import { useFileDrop } from './use-file-drop.ts'

/** Messages that a pane begins with, and how many more each wish for earlier ones brings. */
const SHOWN = 30

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
  const health = world.settings.partition === peer ? { text: 'cut off', good: false } : healthText(view)
  const list = useRef<HTMLDivElement>(null)
  const [shown, setShown] = useState(SHOWN)

  const say = (parcel: Parcel): void => {
    // To the end, where it is counted from: see the style.
    list.current!.scrollTop = 0
    world.say(peer, parcel)
    model.follow(peer)
  }
  const sayFile = (name: string, bytes: Uint8Array): void => say({ kind: 'file', name, bytes })
  const drop = useFileDrop(sayFile)
  return (
    <article className="pane" data-peer={peer} data-viewed={isViewed} aria-label={TITLES[peer]} {...drop}>
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
      <div className="scroll" ref={list} role="group" aria-label={`Messages at ${TITLES[peer]}`} tabIndex={0}>
        <ol className="bubbles">
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
          <ArrivingItems arriving={view.arriving.values()} />
        </ol>
      </div>
      <Composer name={TITLES[peer]} onText={(text) => say({ kind: 'text', text })} onFile={sayFile} />
    </article>
  )
}
