import type { DispatchedMessage } from '@reliable-channels/channel'
import { type Parcel, parcelCodec } from '@reliable-channels/messages/parcel'
import { type Conditions, seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import type { Envelope } from '@reliable-channels/transport'
import { type BareCounts, openBare } from './bare.ts'
import { chatMessage } from './chat-message.ts'
import { loadParity } from '../stand-ins/parity.ts'
import { inspect } from './inspect.ts'
import { CHANNEL, CIPHERS, type Member, openMember } from './member.ts'
import type { Happening, Preset } from './presets.ts'
import type { SavedWorld } from './saved-world.ts'
import { CHATTER, SCRIPT } from './script.ts'
import { PEERS, type PeerName, type Settings, needsReopening } from './settings.ts'
import { Shelf } from './shelf.ts'
import type { LossReason, WorldEvent } from './world-event.ts'

/** Three peers and the network between them, in virtual time. */
export interface World {
  readonly settings: Settings
  /** Virtual time since the beginning, ms. */
  readonly elapsedMs: number
  readonly bare: BareCounts
  isOnline(peer: PeerName): boolean
  /** Says something, or sends a file. */
  say(peer: PeerName, parcel: Parcel): void
  setOnline(peer: PeerName, online: boolean): void
  /** Other settings from now on. Channels that need it are closed and opened again, and go on where they were. */
  change(settings: Settings): Promise<void>
  /** Lets time pass. */
  advance(ms: number): Promise<void>
  /** What it must know to go on after a reload, beside what its channels have stored. */
  save(): SavedWorld
  close(): Promise<void>
}

/** Options of {@link openWorld}. */
export interface WorldOptions {
  readonly preset: Preset
  readonly settings?: Settings
  readonly onEvent: (event: WorldEvent) => void
  /** Where the peers store. @default in memory */
  readonly shelf?: Shelf
  /** What the world goes on from; the shelf has what its channels have stored. */
  readonly past?: SavedWorld
}

/** When each world begins, ms since 1970. */
const BEGINNING_MS = 1_750_000_000_000

type Untimed<E> = E extends unknown ? Omit<E, 'atMs'> : never

const conditionsOf = ({ loss, latencyMs, jitterMs, duplicate, reorder }: Settings): Conditions => ({
  loss,
  latencyMs,
  jitterMs,
  duplicate,
  reorder,
  reorderMs: 400,
})

/** Opens the peers and starts their conversation. */
export async function openWorld({
  preset,
  settings: first,
  onEvent,
  shelf = new Shelf(),
  past,
}: WorldOptions): Promise<World> {
  let settings = first ?? preset.settings
  if (settings.parityRate > 0) await loadParity()
  const hasPhoto = preset.happenings.some(({ type }) => type === 'photo')
  const photo = hasPhoto ? (await import('./photo.ts')).drawPhoto() : new Uint8Array(0)
  const pastMs = past?.elapsedMs ?? 0
  const time = virtualTime({ startMs: BEGINNING_MS + pastMs })
  const run = past === undefined ? 0 : past.run + 1
  // What was drawn before a reload must not be drawn again, least of all ids and nonces.
  const seed = (settings.seed + run * 0x9e_37_79_b9) >>> 0
  const network = simulatedNetwork({ seed, scheduler: time, ...conditionsOf(settings) })
  const bare = openBare(seed, conditionsOf(settings), time, past?.bare)
  const online = new Map<PeerName, boolean>(PEERS.map((name) => [name, true]))
  const random = seededRandom(seed, 'chatter')
  let closed = false

  const elapsedMs = (): number => time.now() - BEGINNING_MS
  const emit = (event: Untimed<WorldEvent>): void => onEvent({ ...event, atMs: elapsedMs() })

  const lossReason = (from: PeerName, to: PeerName): LossReason => {
    if (online.get(to) === false) return 'away'
    const { partition } = settings
    return partition !== 'nobody' && (partition === from) !== (partition === to) ? 'cut off' : 'lost'
  }
  network.traffic$.subscribe(({ type, hash, from, to }) => {
    if (to === undefined || to === from) return
    const way = { hash, from: from as PeerName, to: to as PeerName }
    if (type === 'delivered') emit({ type: 'arrived', ...way })
    if (type === 'lost' || type === 'dropped')
      emit({ type: 'lost', ...way, reason: lossReason(way.from, way.to) })
  })

  const members = new Map<PeerName, Member>()
  for (const peer of PEERS) {
    const transport = network.peer(peer)
    const leaving = new WeakMap<Envelope, DispatchedMessage>()
    // The network tells the hash before it tells what becomes of a copy: a copy may be lost at once.
    transport.hashes$?.subscribe(({ envelope, hash }) => {
      const message = leaving.get(envelope)
      // What a channel says while it is closed is not looked at any more.
      if (message === undefined) return
      const { messageId, kind } = message
      const cipher = CIPHERS[settings.wrongKey === peer ? 'wrong' : 'right']
      const layers = inspect(envelope.payload, cipher, CHANNEL)
      emit({ type: 'frame', peer, kind, messageId, layers, hash })
    })
    const place = {
      name: peer,
      transport,
      time,
      random: seededRandom(seed, `ids of ${peer}`),
      store: () => shelf.store(peer),
    }
    const member = await openMember(place, settings, {
      event: (event) => emit({ type: 'channel', peer, event }),
      heard: ({ messageId, redelivered }) => emit({ type: 'heard', peer, messageId, redelivered }),
      named: (requestId, messageId) => emit({ type: 'named', peer, requestId, messageId }),
      health: (health) => emit({ type: 'health', peer, health }),
      quota: (quota) => emit({ type: 'quota', peer, quota }),
      status: (requestId, status) => emit({ type: 'status', peer, requestId, status }),
      dispatched: (channel) =>
        channel.outgoing$.subscribe((message) => leaving.set(message.envelope, message)),
    })
    members.set(peer, member)
    if (past === undefined) continue
    const requestIds = new Set(member.channel.requests.map(({ requestId }) => requestId))
    emit({ type: 'resumed', peer, requestIds })
  }

  const readersOf = (peer: PeerName): PeerName[] => {
    const { wrongKey } = settings
    return PEERS.filter((other) => other !== peer && (other === wrongKey) === (peer === wrongKey))
  }
  const say = (peer: PeerName, parcel: Parcel): void => {
    const readers = readersOf(peer)
    try {
      const payload = parcelCodec.encode(parcel)
      // The handle tells of itself as soon as it is there: what it is about must be known before.
      members.get(peer)!.send(payload, (requestId) => {
        const message = chatMessage(requestId, parcel)
        emit({ type: 'said', peer, message, requestId, payloadBytes: payload.length, readers })
      })
      bare.say(peer, payload, { pieceBytes: settings.segmentSizeBytes, readers })
    } catch (error) {
      emit({ type: 'refused', peer, error: error instanceof Error ? error.message : String(error) })
    }
  }
  const sayText = (peer: PeerName, text: string): void => say(peer, { kind: 'text', text })

  const partition = (peer: PeerName | 'nobody'): void => {
    settings = { ...settings, partition: peer }
    if (peer === 'nobody') network.heal()
    else network.partition([[peer]])
    bare.partition(peer)
  }
  const setOnline = (peer: PeerName, isOnline: boolean): void => {
    online.set(peer, isOnline)
    if (isOnline) network.peer(peer).connect()
    else network.peer(peer).disconnect()
    bare.setOnline(peer, isOnline)
    emit({ type: 'online', peer, online: isOnline })
  }
  const happen = (happening: Happening): void => {
    switch (happening.type) {
      case 'offline':
      case 'online':
        return setOnline(happening.peer, happening.type === 'online')
      case 'partition':
        return partition(happening.peer)
      case 'photo':
        return say(happening.peer, { kind: 'file', name: 'hills.bmp', bytes: photo })
    }
  }

  /** Does it when it is due; what was due before a reload was done then. */
  const at = (dueMs: number, work: () => void): void => {
    if (past === undefined || dueMs > pastMs) time.schedule(work, dueMs - pastMs)
  }
  for (const happening of preset.happenings) at(happening.atMs, () => happen(happening))
  let scriptMs = 0
  for (const { afterMs, peer, text, calm = text } of SCRIPT)
    at((scriptMs += afterMs), () => sayText(peer, settings.loss > 0 ? text : calm))
  let chatterDueMs = Math.max(scriptMs, pastMs) + 2_000
  let chatted = 0
  let speaker: PeerName | undefined
  /** Says what is due; looks often, so that another pace of chatter counts at once. */
  const chat = (): void => {
    if (closed) return
    const now = elapsedMs()
    const { chatter } = settings
    if (chatter > 0 && now >= chatterDueMs) {
      // Who is away does not talk by himself, and nobody answers himself.
      const others = PEERS.filter((peer) => online.get(peer) === true && peer !== speaker)
      speaker = others[Math.floor(random() * others.length)]
      if (speaker !== undefined) sayText(speaker, CHATTER[chatted++ % CHATTER.length]!)
      chatterDueMs = now + 1_000 / chatter
    }
    time.schedule(chat, 50)
  }
  time.schedule(chat, 50)
  if (settings.partition !== 'nobody') partition(settings.partition)
  if (past !== undefined) for (const peer of PEERS) if (!past.online.includes(peer)) setOnline(peer, false)

  return {
    get settings() {
      return settings
    },
    get elapsedMs() {
      return elapsedMs()
    },
    bare: bare.counts,
    isOnline: (peer) => online.get(peer) === true,
    say,
    setOnline,
    async change(next) {
      if (next.parityRate > 0) await loadParity()
      const before = settings
      settings = next
      chatterDueMs = Math.min(chatterDueMs, elapsedMs() + 1_000 / Math.max(next.chatter, 0.1))
      network.change(conditionsOf(next))
      bare.change(conditionsOf(next))
      if (next.partition !== before.partition) partition(next.partition)
      if (needsReopening(before, next)) for (const member of members.values()) await member.reopen(next)
    },
    advance: (ms) => time.advance(ms),
    save: () => ({
      run,
      elapsedMs: elapsedMs(),
      settings,
      online: PEERS.filter((peer) => online.get(peer) === true),
      bare: { ...bare.counts },
    }),
    async close() {
      closed = true
      for (const member of members.values()) await member.close()
      network.close()
      bare.close()
    },
  }
}
