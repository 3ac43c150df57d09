import { type ReadReceipts, type TypedChannel, readReceipts } from '@reliable-channels/messages'
import { type Observable, catchError, defer, from, map, of, switchMap } from 'rxjs'

/** Who has read a message, as a component sees it. */
export interface ReadBy {
  readonly members: readonly string[]
  readonly error: unknown
}

export const NOBODY_YET: ReadBy = { members: [], error: undefined }

/** The read receipts of one channel, for all components that ask. A channel has room for one; they end with it. */
export class ChatReceipts {
  static readonly #all = new WeakMap<object, ChatReceipts>()
  readonly #opened: Promise<ReadReceipts>
  /** What was read before the past was known: the last message of each author. */
  #early: Map<string, string> | undefined = new Map()
  #receipts: ReadReceipts | undefined

  /** Of {@link ChatReceipts.of}. */
  constructor(chat: TypedChannel<unknown>) {
    this.#opened = readReceipts(chat).then((receipts) => {
      this.#receipts = receipts
      for (const [senderId, messageId] of this.#early ?? []) receipts.read({ messageId, senderId })
      this.#early = undefined
      return receipts
    })
    // Whoever asks who has read something is told.
    this.#opened.catch(() => (this.#early = undefined))
  }

  static of(chat: TypedChannel<unknown>): ChatReceipts {
    let own = ChatReceipts.#all.get(chat)
    if (own === undefined) ChatReceipts.#all.set(chat, (own = new ChatReceipts(chat)))
    return own
  }

  read(message: { readonly messageId: string; readonly senderId: string }): void {
    if (this.#receipts === undefined) return void this.#early?.set(message.senderId, message.messageId)
    try {
      this.#receipts.read(message)
    } catch {
      // Telling others has failed: whoever asks who has read something is told.
    }
  }

  readBy$(messageId: string): Observable<ReadBy> {
    return defer(() => from(this.#opened)).pipe(
      switchMap((receipts) => receipts.readBy$(messageId)),
      map((members): ReadBy => ({ members, error: undefined })),
      catchError((error: unknown) => of({ members: this.#receipts?.readBy(messageId) ?? [], error })),
    )
  }
}
