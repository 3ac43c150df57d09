import type { Parcel } from '@reliable-channels/messages/parcel'

/** A message of the conversation, as it is shown. */
export interface ChatMessage {
  /** The id of its author's request. */
  readonly id: string
  readonly kind: Parcel['kind']
  /** What was said, or the name of the file. */
  readonly text: string
  /** The file; empty for text. */
  readonly bytes: Uint8Array
}

/** What came out of a channel, or goes into one, as a message. */
export function chatMessage(id: string, parcel: Parcel): ChatMessage {
  return parcel.kind === 'text'
    ? { id, kind: 'text', text: parcel.text, bytes: new Uint8Array(0) }
    : { id, kind: 'file', text: parcel.name, bytes: parcel.bytes }
}

/** Types that browsers show as a picture. Not all that they can: some are documents with scripts. */
const PICTURES: Readonly<Record<string, string>> = {
  bmp: 'image/bmp',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
}

/** The type of a picture by the name of its file; `undefined` for any other file. */
export function pictureType(name: string): string | undefined {
  return PICTURES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '']
}
