import { type ChannelEvent, type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { type Cipher, openFrame, sealFrame, xchacha } from '@reliable-channels/encryption'
import { createMemberRing, publicKeyOf, signed } from '@reliable-channels/encryption/signing'
import { type SdsMessage, decodeMessage, encodeMessage } from '@reliable-channels/sds/core'
import { seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import type { Hands, HostileMember } from './hostile-members.ts'

const TOPIC = { channelId: 'team', contentTopic: '/app/1/team/proto' }
const meta = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')
const HONEST = ['alice', 'bob', 'carol'] as const
const LIAR = 'mallory'
/** How long he lies, s, and each how often somebody says something, s. */
const SECONDS = 60
const EACH = 2
/** Longer than it takes until what was made up is given up, ms. */
const AFTER_MS = 2_400_000

/** What came of a round. */
export interface HostileResult {
  readonly violations: readonly string[]
  /** Bytes that honest members sent, and that the liar did. */
  readonly honestBytes: number
  readonly lyingBytes: number
  /** Frames that honest members refused before they counted. */
  readonly refused: number
}

/** Options of {@link runHostileRound}. */
export interface HostileOptions {
  readonly seed: number
  /** Nobody, to see what is said without him. */
  readonly liar: HostileMember | undefined
  /** Whether the cipher proves who has sealed a frame. */
  readonly signs: boolean
}

const keyOf = (seed: number): Uint8Array => new Uint8Array(32).fill(seed)
const secretOf = (name: string): Uint8Array => new Uint8Array(32).fill(name.length + name.charCodeAt(0))

/** Three talk for a minute, and somebody lies meanwhile; then what came is judged, in virtual time. */
export async function runHostileRound({ seed, liar, signs }: HostileOptions): Promise<HostileResult> {
  const time = virtualTime()
  const network = simulatedNetwork({ seed, scheduler: time, latencyMs: 50, jitterMs: 50, loss: 0.05 })
  const violations: string[] = []
  const ring = createMemberRing(
    Object.fromEntries([...HONEST, LIAR].map((name) => [name, publicKeyOf(secretOf(name))])),
  )
  const cipherOf = (name: string, key = keyOf(1)): Cipher => {
    const random = seededRandom(seed, `nonces of ${name}`)
    const cipher = xchacha({
      key,
      randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
    })
    return signs ? signed(cipher, { secretKey: secretOf(name), members: ring }) : cipher
  }
  const bytes = { honest: 0, lying: 0 }
  network.traffic$.subscribe(({ type, from, sizeBytes }) => {
    if (type === 'sent') bytes[from === LIAR ? 'lying' : 'honest'] += sizeBytes
  })

  const channels = new Map<string, ReliableChannel>()
  /** What each got, and of whom. */
  const received = new Map<string, string[]>(HONEST.map((name) => [name, []]))
  const claims: { readonly by: string; readonly to: readonly string[]; readonly text: string }[] = []
  for (const name of HONEST) {
    const random = seededRandom(seed, name)
    const channel = await openChannel({
      ...TOPIC,
      senderId: name,
      scheduler: time,
      transport: network.peer(name),
      cipher: cipherOf(name),
      randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
    })
    channels.set(name, channel)
    channel.incoming$.subscribe(({ senderId, payload }) =>
      received.get(name)!.push(`${senderId}: ${new TextDecoder().decode(payload)}`),
    )
    channel.events$.subscribe((event: ChannelEvent) => {
      if (event.type === 'diagnostic' && event.code === 'channel-died')
        violations.push(`${name}'s channel died`)
    })
  }

  const hands = handsOf()
  function handsOf(): Hands & { lie: (second: number) => void } {
    const peer = network.peer(LIAR)
    const frames: Uint8Array[] = []
    const messages: SdsMessage[] = []
    const own = cipherOf(LIAR)
    void peer.subscribe(TOPIC.contentTopic)
    peer.messages$.subscribe(({ payload, echoOf }) => {
      if (echoOf !== undefined) return
      frames.push(payload)
      if (liar?.hasKey !== true) return
      try {
        const opened = openFrame(own, payload, TOPIC) as Uint8Array
        const { message } = decodeMessage(opened)
        if (message !== undefined) messages.push(message)
      } catch {
        // Not for him.
      }
    })
    const send = (payload: Uint8Array): void =>
      void peer.send({ ...TOPIC, ephemeral: true, meta, payload: new Uint8Array(payload) })
    let said = 0
    const made: Hands = {
      random: seededRandom(seed, LIAR),
      now: () => time.now(),
      frames,
      messages,
      send,
      say(fields) {
        const message = {
          senderId: LIAR,
          messageId: `lie ${said++}`,
          channelId: TOPIC.channelId,
          lamport: time.now(),
          causalHistory: [],
          repairRequest: [],
          ...fields,
        }
        const kind = message.content === undefined ? 'sync' : 'content'
        send(sealFrame(own, encodeMessage(message, 'lip'), { ...TOPIC, kind }) as Uint8Array)
      },
    }
    return { ...made, lie: (second) => liar?.act(made, second) }
  }

  const said: { readonly by: string; readonly text: string }[] = []
  for (let second = 0; second < SECONDS; second++) {
    if (second % EACH === 0) {
      const by = HONEST[(second / EACH) % HONEST.length]!
      const text = `${second} of ${by} ${'x'.repeat(second * 7)}`
      said.push({ by, text })
      const handle = channels.get(by)!.send(new TextEncoder().encode(text))
      handle.status$.subscribe(({ state, deliveredTo }) => {
        if (state === 'delivered') claims.push({ by, to: deliveredTo, text })
      })
      // He hears it, and is heard before it comes.
      await time.advance(60)
    }
    hands.lie(second)
    await time.advance(second % EACH === 0 ? 940 : 1_000)
  }
  await time.advance(AFTER_MS)

  for (const name of HONEST) {
    const expected = said.filter(({ by }) => by !== name).map(({ by, text }) => `${by}: ${text}`)
    const got = received.get(name)!
    for (const each of expected) {
      const times = got.filter((one) => one === each).length
      if (times !== 1) violations.push(`${name} got "${each.slice(0, 30)}" ${times} times`)
    }
    const foreign = got.filter((one) => !one.startsWith(`${LIAR}: `) && !expected.includes(one))
    for (const each of new Set(foreign))
      violations.push(`${name} got "${each.slice(0, 40)}", which nobody said`)
    let health = ''
    channels
      .get(name)!
      .health$.subscribe(({ state, missing }) => (health = `${state}, ${missing} missing`))
      .unsubscribe()
    if (health !== 'synced, 0 missing') violations.push(`${name} is ${health}`)
  }
  for (const { by, to, text } of claims)
    for (const name of to)
      if (name !== LIAR && !received.get(name)?.includes(`${by}: ${text}`))
        violations.push(`${by} was told that ${name} has "${text.slice(0, 20)}"`)
  let refused = 0
  for (const { drops } of channels.values()) refused += drops.undecryptable
  const closed = Promise.all(Array.from(channels.values(), (channel) => channel.close()))
  await Promise.all([closed, time.advance(60_000)])
  network.close()
  return { violations, honestBytes: bytes.honest, lyingBytes: bytes.lying, refused }
}
