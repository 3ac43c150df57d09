import type { TypedMessage } from '@reliable-channels/messages'
import { Subject, concatMap, takeUntil } from 'rxjs'
import { saveFile } from '../files/save-file.ts'
import { sha256Of } from '../files/sha256.ts'
import type { ChatEntry } from './chat-log.ts'
import type { Member } from './open-member.ts'
import type { Parcel } from '@reliable-channels/messages/parcel'

/** What is done with what comes. */
export interface ReceptionOptions {
  /** Where files are saved. */
  readonly directory: string
  /** Told of each message, once it is kept; one after the other. */
  readonly onMessage: (message: ChatEntry) => void
  /** Told of what cannot be kept: it comes again after a restart, with a directory. */
  readonly onError: (error: unknown) => void
}

/** Takes what members send: saves files, keeps all in the log, and only then acknowledges. Disposing takes no more. */
export function receiveParcels(
  { chat, log }: Member,
  { directory, onMessage, onError }: ReceptionOptions,
): AsyncDisposable {
  const keep = async (message: TypedMessage<Parcel>): Promise<void> => {
    try {
      // Else it was kept, and the process ended before it was acknowledged.
      if (log.get(message.messageId) === undefined) {
        const kept = await keepable(message, directory)
        await log.put(kept)
        onMessage(kept)
      }
      await message.ack()
    } catch (error) {
      onError(error)
    }
  }
  const ending = new Subject<void>()
  const ended = Promise.withResolvers<void>()
  // The one that is being kept is kept whole.
  chat.incoming$
    .pipe(takeUntil(ending), concatMap(keep))
    .subscribe({ complete: ended.resolve, error: onError })
  return {
    [Symbol.asyncDispose]() {
      ending.next()
      return ended.promise
    },
  }
}

async function keepable(
  { value, messageId: id, senderId: from, sentAt }: TypedMessage<Parcel>,
  directory: string,
): Promise<ChatEntry> {
  const head = { id, from, isOwn: false, sentAt, kind: value.kind } as const
  if (value.kind === 'text') return { ...head, text: value.text }
  const { name, bytes } = value
  const path = await saveFile(directory, name, bytes)
  return { ...head, text: name, file: { bytes: bytes.length, sha256: sha256Of(bytes), path } }
}
