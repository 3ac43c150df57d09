import { withinLimit } from '@reliable-channels/stage'
import type { Change, Store } from '@reliable-channels/store'
import { type SchedulerLike, asyncScheduler } from 'rxjs'

/** A message that was said, as it is kept. */
export interface ChatEntry {
  /** Of a received one its id on the channel, of an own one that of its request. */
  readonly id: string
  readonly from: string
  readonly isOwn: boolean
  /** ms since 1970, by its author's clock. */
  readonly sentAt: number
  readonly kind: 'text' | 'file'
  /** What was said, or the name of the file. */
  readonly text: string
  /** Of a file: its size, its hash in hexadecimal, and where it was saved. */
  readonly file?: { readonly bytes: number; readonly sha256: string; readonly path?: string }
  /** Who is known to have an own one. */
  readonly deliveredTo?: readonly string[]
}

/** Messages kept of a channel. @limit The oldest are forgotten. */
const MAX_MESSAGES = 10_000
/** How long the store may take, ms. @limit The log cannot be read, or a message not be kept, which is told. */
const STORE_MS = 30_000

/** What was said on a channel, oldest first; kept in the store, if there is one. */
export class ChatLog {
  readonly #store: Store | undefined
  readonly #prefix: string
  readonly #scheduler: SchedulerLike
  /** By id, in the order in which they came, with the key of each. */
  readonly #messages = new Map<string, { readonly key: string; readonly message: ChatEntry }>()
  #next = 0

  /** Of {@link ChatLog.open}. */
  constructor(store: Store | undefined, prefix: string, scheduler: SchedulerLike) {
    this.#store = store
    this.#prefix = prefix
    this.#scheduler = scheduler
  }

  /** Reads what was said so far. */
  static async open(
    store: Store | undefined,
    channelId: string,
    scheduler: SchedulerLike = asyncScheduler,
  ): Promise<ChatLog> {
    const log = new ChatLog(store, `rc/log/${encodeURIComponent(channelId)}/`, scheduler)
    if (store === undefined) return log
    await withinLimit(() => log.#read(store), { what: 'the log of the chat', limitMs: STORE_MS, scheduler })
    return log
  }

  async #read(store: Store): Promise<void> {
    const limitedEntries = store.entries(this.#prefix)
    for await (const { key, value } of limitedEntries) {
      this.#next = Number(key.slice(this.#prefix.length)) + 1
      const message = parseMessage(value)
      if (message !== undefined) this.#messages.set(message.id, { key, message })
    }
  }

  has(id: string): boolean {
    return this.#messages.has(id)
  }

  get(id: string): ChatEntry | undefined {
    return this.#messages.get(id)?.message
  }

  /** The latest `count`, oldest first. */
  latest(count: number): ChatEntry[] {
    const all = [...this.#messages.values()]
    return all.slice(Math.max(0, all.length - count)).map(({ message }) => message)
  }

  /** Keeps a message, or what is new of one; resolves when it is stored. */
  async put(message: ChatEntry): Promise<void> {
    const key =
      this.#messages.get(message.id)?.key ?? `${this.#prefix}${String(this.#next++).padStart(12, '0')}`
    this.#messages.set(message.id, { key, message })
    const changes: Change[] = [{ key, value: new TextEncoder().encode(JSON.stringify(message)) }]
    for (const [id, oldest] of this.#messages) {
      if (this.#messages.size <= MAX_MESSAGES) break
      this.#messages.delete(id)
      changes.push({ key: oldest.key, value: undefined })
    }
    const store = this.#store
    if (store === undefined) return
    const scheduler = this.#scheduler
    const what = 'the log of the chat'
    await withinLimit(() => store.write(changes), { what, limitMs: STORE_MS, scheduler })
  }
}

/** `undefined` for what a later version wrote, or nobody. */
function parseMessage(value: Uint8Array): ChatEntry | undefined {
  try {
    const message = JSON.parse(new TextDecoder().decode(value)) as Partial<ChatEntry> | null
    const isOne =
      typeof message?.id === 'string' &&
      typeof message.from === 'string' &&
      typeof message.text === 'string' &&
      typeof message.sentAt === 'number'
    return isOne ? (message as ChatEntry) : undefined
  } catch {
    return undefined
  }
}
