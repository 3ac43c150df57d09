import { type ListedMessage, useMessages, useReceipts, useSend } from '@reliable-channels/react'
import type { Parcel } from '@reliable-channels/messages/parcel'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { tickOf, tickText } from '../model/entry.ts'
import { ArrivingItems } from '../views/arriving-items.tsx'
import { Attachment } from '../views/bubble.tsx'
import { Composer } from '../views/composer.tsx'
import { SaveFile } from '../views/save-file.tsx'
import { TickMark } from '../views/tick-mark.tsx'
import { useFileDrop } from '../views/use-file-drop.ts'
import { chatMessage } from '../world/chat-message.ts'
import type { PeerName } from '../world/settings.ts'
import { useArriving } from './use-arriving.ts'

/** Who has a message is told by receipts. */
const NOT_HEARD = new Map<PeerName, number>()

/** Messages of the list that are drawn. */
const SHOWN = 100

/** What was said on the channel, and where to say more. */
export function Conversation({ name }: { readonly name: string }): ReactNode {
  const messages = useMessages<Parcel>()
  const arriving = useArriving()
  const { send, isReady } = useSend<Parcel>()
  const [problem, setProblem] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const say = (parcel: Parcel): void => {
    list.current!.scrollTop = 0
    try {
      send(parcel)
      setProblem('')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const sayFile = (file: string, bytes: Uint8Array): void => say({ kind: 'file', name: file, bytes })
  const drop = useFileDrop(sayFile)
  return (
    <article className="pane" aria-label="Conversation" {...drop}>
      <div className="scroll" ref={list} role="log" aria-label="Messages" tabIndex={0}>
        <ol className="bubbles">
          {messages.length === 0 && (
            <li className="story">
              Nothing was said yet. Say hello, or send a photo. To answer, join in another window under
              another name.
            </li>
          )}
          {messages.slice(-SHOWN).map((message) => (
            <Line key={message.key} message={message} />
          ))}
          <ArrivingItems arriving={arriving} />
        </ol>
      </div>
      <p className="notice" role="alert">
        {problem}
      </p>
      <Composer
        name={name}
        isReady={isReady}
        onText={(text) => say({ kind: 'text', text })}
        onFile={sayFile}
      />
    </article>
  )
}

function Line({ message }: { readonly message: ListedMessage<Parcel> }): ReactNode {
  const { key, value, senderId, isOwn, status } = message
  const receipts = useReceipts(isOwn ? message : undefined)
  // Of an own one of an earlier visit no status is known, but who has it.
  const tick = receipts.length > 0 ? 'delivered' : tickOf({ status })
  const shown = useMemo(() => chatMessage(key, value), [key, value])
  const { released = 0, acknowledged = 0, total = 1, data = 1 } = status?.segments ?? {}
  return (
    <li className="bubble" data-own={isOwn}>
      <div className="bubble-body">
        {!isOwn && <span className="author">{senderId}</span>}
        {value.kind === 'file' ? <Attachment message={shown} /> : <span>{value.text}</span>}
        {value.kind === 'file' && !isOwn && <SaveFile message={shown} />}
        {isOwn && data > 1 && tick !== 'delivered' && (
          <progress value={released + acknowledged} max={total + data} aria-label="Progress of the file" />
        )}
        {isOwn && (
          <span className="tick" data-tick={tick}>
            <TickMark tick={tick} />
            {receipts.join(', ') || tickText({ status, heardAtMs: NOT_HEARD }, String)}
          </span>
        )}
      </div>
    </li>
  )
}
