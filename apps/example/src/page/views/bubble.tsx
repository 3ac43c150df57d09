import { type ReactNode, memo } from 'react'
import { type Entry, tickOf, tickText } from '../model/entry.ts'
import { type ChatMessage, pictureType } from '../world/chat-message.ts'
import { type PeerName, TITLES } from '../world/settings.ts'
import { TickMark } from './tick-mark.tsx'

const nameOf = (peer: string): string => TITLES[peer as PeerName] ?? peer

interface BubbleProps {
  readonly entry: Entry
  /** An entry changes in place: this tells that it did. */
  readonly version: number
  readonly peer: PeerName
  readonly onOpen: (id: string) => void
}

/** One message; a click opens everything that is known of it. Drawn anew only when that changes. */
export const Bubble: (props: BubbleProps) => ReactNode = memo(function Bubble({
  entry,
  peer,
  onOpen,
}: BubbleProps): ReactNode {
  const { author, message, status } = entry
  const isOwn = author === peer
  const { released = 0, acknowledged = 0, total = 1, data = 1 } = status?.segments ?? {}
  const isUnderWay = isOwn && data > 1 && status?.state !== 'delivered'
  return (
    <li className="bubble" data-own={isOwn} data-id={message.id}>
      <button type="button" className="bubble-body" onClick={() => onOpen(message.id)}>
        {!isOwn && <span className="author">{nameOf(author)}</span>}
        {message.kind === 'file' ? <Attachment message={message} /> : <span>{message.text}</span>}
        {isUnderWay && (
          <progress value={released + acknowledged} max={total + data} aria-label="Progress of the file" />
        )}
        {isOwn && (
          <span className="tick" data-tick={tickOf(entry)}>
            <TickMark tick={tickOf(entry)} />
            <span className="visually-hidden">{tickText(entry, nameOf)}</span>
            <span aria-hidden="true">{shortTick(entry)}</span>
          </span>
        )}
      </button>
    </li>
  )
})

/** Whom it was delivered to stands there alone: the two ticks say the rest. */
function shortTick(entry: Entry): string {
  const names = [...entry.heardAtMs.keys()].map(nameOf)
  return tickOf(entry) === 'delivered' && names.length > 0 ? names.join(', ') : tickText(entry, nameOf)
}

/** A file: its picture, if it is one, its name and size. */
export function Attachment({ message }: { readonly message: ChatMessage }): ReactNode {
  const { text, bytes } = message
  const isPicture = pictureType(text) !== undefined
  return (
    <span className="attachment">
      {isPicture && <img src={urlOf(message)} alt={text} loading="lazy" />}
      <span>
        {text} <small>{sizeText(bytes.length)}</small>
      </span>
    </span>
  )
}

const urls = new WeakMap<ChatMessage, string>()

/** Where the browser finds the bytes of a file. */
export function urlOf(message: ChatMessage): string {
  let url = urls.get(message)
  if (url === undefined) {
    url = URL.createObjectURL(
      new Blob([new Uint8Array(message.bytes)], { type: pictureType(message.text) ?? '' }),
    )
    urls.set(message, url)
  }
  return url
}

/** A number of bytes as people say it. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
