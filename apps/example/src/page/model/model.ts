import { hexOf } from '@reliable-channels/wire'
import { PEERS, type PeerName, TITLES } from '../world/settings.ts'
import type { WorldEvent } from '../world/world-event.ts'
import { type Entry, type FrameRecord, tickText } from './entry.ts'
import { type PeerView, newPeerView } from './peer-view.ts'
import { LOSSES, NOT_STORED, note, partOf, titleOf } from './moments.ts'
import { type EntryChanges, type SavedModel, savedPeer } from './saved-model.ts'
import { type Totals, newTotals } from './totals.ts'

/** Messages of the conversation that are shown. @limit The oldest is forgotten. */
const MAX_ENTRIES = 300
/** Frames whose bytes the drawer can show. @limit Of the oldest only the fate is kept. */
const MAX_OPENED_FRAMES = 300
/** Frames whose copies are followed. @limit The oldest is forgotten. */
const MAX_FRAMES = 4_000

const NO_SEGMENTS = { total: 1, data: 1, released: 0, confirmed: 0, failed: 0, acknowledged: 0 }

type Of<T extends WorldEvent['type']> = Extract<WorldEvent, { readonly type: T }>

/** What the views show, made of the world's events. */
export class Model {
  readonly entries = new Map<string, Entry>()
  readonly peers: Readonly<Record<PeerName, PeerView>> = {
    alice: newPeerView(),
    bob: newPeerView(),
    carol: newPeerView(),
  }
  readonly totals: Totals = newTotals()
  /** From saying to hearing, ms, the latest last. */
  readonly delaysMs: number[] = []
  /** What the visitor should be told, such as a message that was refused. */
  notice = ''
  /** What became of what the visitor did, for whoever hears the page. */
  announcement = ''
  #followed: Entry | undefined
  readonly #byRequest = new Map<string, Entry>()
  readonly #byMessageId = new Map<string, Entry>()
  readonly #frames = new Map<string, FrameRecord>()
  readonly #opened: FrameRecord[] = []
  readonly #listeners = new Set<() => void>()
  #version = 0
  #changed = false
  #unsaved = new Set<Entry>()
  #gone: string[] = []

  /** @param past What was saved before a reload, with the entries of then, oldest first. */
  constructor(past?: { readonly model: SavedModel; readonly entries: readonly Entry[] }) {
    if (past === undefined) return
    Object.assign(this.totals, past.model.totals)
    this.delaysMs.push(...past.model.delaysMs)
    for (const entry of past.entries) this.#add(entry)
    for (const peer of PEERS) {
      const { order, arriving, ...counts } = past.model.peers[peer]
      const view = Object.assign(this.peers[peer], counts)
      view.order.push(...order.filter((id) => this.entries.has(id)))
      for (const each of arriving) view.arriving.set(each.payloadHash, each)
    }
  }

  /** For `useSyncExternalStore`: another number after each {@link Model.flush} that had something to tell. */
  readonly version = (): number => this.#version

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells the views, once for all events since the last call. */
  flush(): void {
    if (!this.#changed) return
    this.#changed = false
    this.#version++
    for (const listener of this.#listeners) listener()
  }

  /** The visitor has written as this peer: what becomes of it is announced. */
  follow(peer: PeerName): void {
    this.#followed = this.entries.get(this.peers[peer].order.at(-1) ?? '')
  }

  /** Entries that have changed since the last call: the caller saves them. */
  takeChanges(): EntryChanges {
    const changes = { changed: [...this.#unsaved], gone: this.#gone }
    this.#unsaved = new Set()
    this.#gone = []
    return changes
  }

  save(): SavedModel {
    const { alice, bob, carol } = this.peers
    const peers = { alice: savedPeer(alice), bob: savedPeer(bob), carol: savedPeer(carol) }
    return { totals: this.totals, delaysMs: this.delaysMs, peers }
  }

  /** The message whose segment an SDS message carries. */
  entryOfMessage(messageId: string): Entry | undefined {
    return this.#byMessageId.get(messageId)
  }

  take(event: WorldEvent): void {
    this.#changed = true
    switch (event.type) {
      case 'said':
        return this.#said(event)
      case 'status':
        return this.#status(event)
      case 'heard':
        return this.#heard(event)
      case 'frame':
        return this.#frame(event)
      case 'arrived':
      case 'lost':
        return this.#copy(event)
      case 'channel':
        return this.#channel(event)
      case 'health':
        this.peers[event.peer].health = event.health
        return
      case 'quota':
        this.peers[event.peer].quota = event.quota
        return
      case 'online':
        this.peers[event.peer].online = event.online
        this.announcement = `${TITLES[event.peer]} is ${event.online ? 'back' : 'offline'}`
        return
      case 'named':
        return this.#named(event)
      case 'resumed':
        return this.#resumed(event)
      case 'refused':
        this.notice = `${TITLES[event.peer]} could not send: ${event.error}`
        return
    }
  }

  #said({ atMs, peer, message, requestId, payloadBytes, readers }: Of<'said'>): void {
    const entry: Entry = {
      message,
      author: peer,
      requestId,
      messageId: undefined,
      payloadBytes,
      saidAtMs: atMs,
      status: undefined,
      heardAtMs: new Map(),
      frames: [],
      moments: [{ atMs, text: `${TITLES[peer]} sent it` }],
      version: 0,
    }
    this.#add(entry)
    this.#unsaved.add(entry)
    this.peers[peer].order.push(message.id)
    this.totals.said++
    this.totals.expected += readers.length
    if (this.entries.size > MAX_ENTRIES) this.#forget(this.entries.values().next().value!)
  }

  #add(entry: Entry): void {
    const { message, requestId, messageId, frames } = entry
    this.entries.set(message.id, entry)
    this.#byRequest.set(requestId, entry)
    if (messageId !== undefined) this.#byMessageId.set(messageId, entry)
    for (const frame of frames) this.#byMessageId.set(frame.messageId, entry)
  }

  #named({ requestId, messageId }: Of<'named'>): void {
    const entry = this.#byRequest.get(requestId)
    if (entry === undefined) return
    entry.messageId = messageId
    this.#byMessageId.set(messageId, entry)
    this.#unsaved.add(entry)
  }

  /** What a channel does not know of was said, and the page left, before it was stored. */
  #resumed({ atMs, peer, requestIds }: Of<'resumed'>): void {
    for (const entry of this.entries.values()) {
      const isOpen = entry.status === undefined || entry.status.state === 'queued'
      if (entry.author !== peer || !isOpen || requestIds.has(entry.requestId)) continue
      entry.status = { state: 'send-failed', error: NOT_STORED, segments: NO_SEGMENTS, deliveredTo: [] }
      note(entry, atMs, NOT_STORED)
    }
  }

  #forget(entry: Entry): void {
    const { message, requestId, messageId, frames } = entry
    this.#unsaved.delete(entry)
    this.#gone.push(message.id)
    this.entries.delete(message.id)
    this.#byRequest.delete(requestId)
    if (messageId !== undefined) this.#byMessageId.delete(messageId)
    for (const frame of frames) this.#byMessageId.delete(frame.messageId)
    for (const { order } of Object.values(this.peers)) {
      const at = order.indexOf(message.id)
      if (at >= 0) order.splice(at, 1)
    }
  }

  #status({ atMs, requestId, status }: Of<'status'>): void {
    const entry = this.#byRequest.get(requestId)
    if (entry === undefined) return
    const before = entry.status?.state
    entry.status = status
    entry.version++
    this.#unsaved.add(entry)
    if (before === status.state) return
    if (entry === this.#followed) this.announcement = `Your message: ${tickText(entry, titleOf)}`
    if (status.state === 'sent') note(entry, atMs, 'The network took every segment')
    if (status.state === 'delivered')
      note(entry, atMs, `Acknowledged by ${status.deliveredTo.map(titleOf).join(' and ') || 'the group'}`)
    if (status.error !== undefined) note(entry, atMs, status.error)
  }

  #heard({ atMs, peer, messageId, redelivered }: Of<'heard'>): void {
    const entry = this.#byMessageId.get(messageId)
    if (entry === undefined) return
    this.#unsaved.add(entry)
    if (entry.heardAtMs.has(peer)) {
      if (!redelivered) this.totals.doubled++
      return
    }
    const { order } = this.peers[peer]
    const isLater = (id: string): boolean => {
      const other = this.entries.get(id)
      return other?.author === entry.author && other.saidAtMs > entry.saidAtMs
    }
    if (order.some(isLater)) this.totals.disordered++
    entry.heardAtMs.set(peer, atMs)
    entry.version++
    order.push(entry.message.id)
    this.peers[peer].arriving.delete(messageId)
    this.totals.heard++
    this.delaysMs.push(atMs - entry.saidAtMs)
    if (this.delaysMs.length > 200) this.delaysMs.shift()
    const came = entry.frames.some(({ copies }) =>
      copies.some(({ to, fate }) => to === peer && fate === 'arrived'),
    )
    if (!came) this.totals.fetched++
    note(entry, atMs, `${TITLES[peer]} has it${came ? '' : ', from the network’s memory'}`)
  }

  #frame({ atMs, peer, hash, kind, messageId, layers }: Of<'frame'>): void {
    this.totals.frames++
    this.peers[peer].sent++
    if (kind === 'retransmission') this.totals.retransmissions++
    if (kind === 'repair') this.totals.repairs++
    if (kind === 'sync') this.totals.syncs++
    const segment = layers?.segment
    const record: FrameRecord = {
      hash,
      messageId,
      kind,
      by: peer,
      atMs,
      place: segment === undefined ? 0 : segment.index + (segment.isParity ? segment.dataCount : 0),
      isParity: segment?.isParity === true,
      copies: [],
      layers,
    }
    this.#frames.set(hash, record)
    if (this.#frames.size > MAX_FRAMES) this.#frames.delete(this.#frames.keys().next().value!)
    const entry = this.#byMessageId.get(messageId) ?? (segment && this.#byMessageId.get(hexOf(segment.hash)))
    if (entry === undefined) return
    this.#unsaved.add(entry)
    entry.frames.push(record)
    this.#byMessageId.set(messageId, entry)
    this.#opened.push(record)
    if (this.#opened.length > MAX_OPENED_FRAMES) this.#opened.shift()!.layers = undefined
    if (kind === 'retransmission') note(entry, atMs, `${TITLES[peer]} sent ${partOf(record, entry)} again`)
    if (kind === 'repair') note(entry, atMs, `${TITLES[peer]} repaired ${partOf(record, entry)}`)
  }

  #copy(event: Of<'arrived'> | Of<'lost'>): void {
    const { atMs, hash, to } = event
    const fate = event.type === 'arrived' ? 'arrived' : event.reason
    this.totals.copies++
    this.peers[to][fate === 'arrived' ? 'arrived' : 'lost']++
    if (fate !== 'arrived') this.totals.lostCopies++
    const record = this.#frames.get(hash)
    if (record === undefined) return
    record.copies.push({ to, fate })
    const entry = this.#byMessageId.get(record.messageId)
    if (entry === undefined) return
    this.#unsaved.add(entry)
    if (fate === 'arrived') return
    note(entry, atMs, `${partOf(record, entry)} for ${TITLES[to]}: ${LOSSES[fate]}`)
  }

  #channel({ atMs, peer, event }: Of<'channel'>): void {
    const view = this.peers[peer]
    if (event.type === 'reliable:message:progress') {
      const { payloadHash, held, needed } = event
      view.arriving.set(payloadHash, { payloadHash, held, needed })
    } else if (event.type === 'reliable:message:lost') {
      view.arriving.delete(event.payloadHash)
    } else if (event.type === 'diagnostic:message-error') {
      view.unreadable++
      const entry = this.#byMessageId.get(this.#frames.get(event.messageHash)?.messageId ?? '')
      if (entry !== undefined) note(entry, atMs, `${TITLES[peer]} could not open it`)
    }
  }
}
