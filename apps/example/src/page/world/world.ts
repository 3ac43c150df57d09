import { keccak256 } from '@reliable-channels/keccak'
import { type Conditions, seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import type { Envelope } from '@reliable-channels/transport'
import { hexOf } from '@reliable-channels/wire'
import { type BareCounts, openBare } from './bare.ts'
import { type ChatMessage, decodeChat, encodeChat } from './chat-codec.ts'
import { inspect } from './inspect.ts'
import { loadLeopard } from './later-leopard.ts'
import { CHANNEL, CIPHERS, type Member, openMember } from './member.ts'
import { drawPhoto } from './photo.ts'
import type { Happening, Preset } from './presets.ts'
import { CHATTER, SCRIPT } from './script.ts'
import { PEERS, type PeerName, type Settings, needsReopening } from './settings.ts'
import type { LossReason, WorldEvent } from './world-event.ts'

/** Three peers and the network between them, in virtual time. */
export interface World {
  readonly settings: Settings
  /** Virtual time since the beginning, ms. */
  readonly elapsedMs: number
  readonly bare: BareCounts
  isOnline(peer: PeerName): boolean
  /** Says something, or sends a file. */
  say(peer: PeerName, message: Omit<ChatMessage, 'id'>): void
  setOnline(peer: PeerName, online: boolean): void
  /** Other settings from now on. Channels that need it are closed and opened again, and go on where they were. */
  change(settings: Settings): Promise<void>
  /** Lets time pass. */
  advance(ms: number): Promise<void>
  close(): Promise<void>
}

/** Options of {@link openWorld}. */
export interface WorldOptions {
  readonly preset: Preset
  readonly settings?: Settings
  readonly onEvent: (event: WorldEvent) => void
}

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
export async function openWorld({ preset, settings: first, onEvent }: WorldOptions): Promise<World> {
  let settings = first ?? preset.settings
  if (settings.parityRate > 0) await loadLeopard()
  const time = virtualTime()
  const startMs = time.now()
  const network = simulatedNetwork({ seed: settings.seed, scheduler: time, ...conditionsOf(settings) })
  const bare = openBare(settings.seed, conditionsOf(settings), time)
  const online = new Map<PeerName, boolean>(PEERS.map((name) => [name, true]))
  const random = seededRandom(settings.seed, 'chatter')
  let closed = false
  let spoken = 0

  const emit = (event: Untimed<WorldEvent>): void => onEvent({ ...event, atMs: time.now() - startMs })

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
    const hashes = new WeakMap<Envelope, string>()
    transport.hashes$?.subscribe(({ envelope, hash }) => hashes.set(envelope, hash))
    const member = await openMember(peer, transport, time, settings, {
      event(event) {
        emit({ type: 'channel', peer, event })
        if (event.type !== 'reliable:message:received') return
        const message = decodeChat(event.payload)
        if (message !== undefined) emit({ type: 'heard', peer, from: event.senderId, message })
      },
      health: (health) => emit({ type: 'health', peer, health }),
      quota: (quota) => emit({ type: 'quota', peer, quota }),
      status: (requestId, status) => emit({ type: 'status', peer, requestId, status }),
      dispatched: (channel) =>
        channel.outgoing$.subscribe(({ envelope, messageId, kind }) => {
          const cipher = CIPHERS[settings.wrongKey === peer ? 'wrong' : 'right']
          const layers = inspect(envelope.payload, cipher, CHANNEL)
          // The hash is known once the network has been handed the frame.
          void Promise.resolve().then(() =>
            emit({ type: 'frame', peer, kind, messageId, layers, hash: hashes.get(envelope) ?? messageId }),
          )
        }),
    })
    members.set(peer, member)
  }

  const readersOf = (peer: PeerName): PeerName[] => {
    const { wrongKey } = settings
    return PEERS.filter((other) => other !== peer && (other === wrongKey) === (peer === wrongKey))
  }
  const say = (peer: PeerName, content: Omit<ChatMessage, 'id'>): void => {
    const readers = readersOf(peer)
    const message: ChatMessage = { ...content, id: `${peer}-${spoken++}` }
    try {
      const payload = encodeChat(message)
      const payloadHash = hexOf(keccak256(payload))
      // The handle tells of itself as soon as it is there: what it is about must be known before.
      members.get(peer)!.send(payload, (requestId) =>
        emit({
          type: 'said',
          peer,
          message,
          requestId,
          payloadHash,
          payloadBytes: payload.length,
          readers,
        }),
      )
      bare.say(peer, payload, { pieceBytes: settings.segmentSizeBytes, readers })
    } catch (error) {
      emit({ type: 'refused', peer, error: error instanceof Error ? error.message : String(error) })
    }
  }
  const sayText = (peer: PeerName, text: string): void =>
    say(peer, { kind: 'text', text, mediaType: '', bytes: new Uint8Array(0) })

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
        return say(happening.peer, {
          kind: 'file',
          text: 'hills.bmp',
          mediaType: 'image/bmp',
          bytes: drawPhoto(),
        })
    }
  }

  for (const happening of preset.happenings) time.schedule(() => happen(happening), happening.atMs)
  let scriptMs = 0
  for (const { afterMs, peer, text } of SCRIPT)
    time.schedule(() => sayText(peer, text), (scriptMs += afterMs))
  let chatterDueMs = scriptMs + 2_000
  /** Says what is due; looks often, so that another pace of chatter counts at once. */
  const chat = (): void => {
    if (closed) return
    const now = time.now() - startMs
    const { chatter } = settings
    if (chatter > 0 && now >= chatterDueMs) {
      const peer = PEERS[Math.floor(random() * PEERS.length)]!
      // Who is away does not talk by himself.
      if (online.get(peer) === true) sayText(peer, CHATTER[Math.floor(random() * CHATTER.length)]!)
      chatterDueMs = now + 1_000 / chatter
    }
    time.schedule(chat, 50)
  }
  time.schedule(chat, 50)
  if (settings.partition !== 'nobody') partition(settings.partition)

  return {
    get settings() {
      return settings
    },
    get elapsedMs() {
      return time.now() - startMs
    },
    bare: bare.counts,
    isOnline: (peer) => online.get(peer) === true,
    say,
    setOnline,
    async change(next) {
      if (next.parityRate > 0) await loadLeopard()
      const before = settings
      settings = next
      chatterDueMs = Math.min(chatterDueMs, time.now() - startMs + 1_000 / Math.max(next.chatter, 0.1))
      network.change(conditionsOf(next))
      bare.change(conditionsOf(next))
      if (next.partition !== before.partition) partition(next.partition)
      if (needsReopening(before, next)) for (const member of members.values()) await member.reopen(next)
    },
    advance: (ms) => time.advance(ms),
    async close() {
      closed = true
      for (const member of members.values()) await member.close()
      network.close()
      bare.close()
    },
  }
}
