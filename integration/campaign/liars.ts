/** Members who have the channel's key and lie, by the same acts as those that SECURITY.md names. */
import { type Cipher, openFrame, sealFrame, xchacha } from '@reliable-channels/encryption'
import { createMemberRing, publicKeyOf, signed } from '@reliable-channels/encryption/signing'
import { decodeMessage, encodeMessage } from '@reliable-channels/sds/core'
import type { SdsMessage } from '@reliable-channels/sds/core'
import { type SimulatedNetwork, seededRandom } from '@reliable-channels/simulator'
import { type Hands, hostileMembers, impostorNames } from '../hostile/hostile-members.ts'
import type { Round } from './themes/theme.ts'
import { type Judged, newMemory } from './truth.ts'

export const LIAR = 'mallory'

/** How long he lies at a time, s, and how often. */
const SECONDS = 10
const SPELLS = 3
const META = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')

/** Options of {@link keyring}. */
interface KeyringOptions {
  readonly key: Uint8Array
  /** Everybody who may speak. */
  readonly names: readonly string[]
  /** Whether the cipher proves who has sealed a frame. */
  readonly signs: boolean
}

/** Makes the cipher of each member. */
export function keyring({ key, names, signs }: KeyringOptions) {
  const secretOf = (name: string): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, i) => name.charCodeAt(i % name.length) + i)
  const members = signs
    ? createMemberRing(Object.fromEntries(names.map((name) => [name, publicKeyOf(secretOf(name))])))
    : undefined
  return (name: string, randomBytes: (length: number) => Uint8Array): Cipher => {
    const cipher = xchacha({ key, randomBytes, backend: 'portable' })
    return members === undefined ? cipher : signed(cipher, { secretKey: secretOf(name), members })
  }
}

/** A liar as the judge sees him: he may be named to have anything, and is owed nothing. */
export const judgedLiar = (nowMs: number): Judged => ({
  name: LIAR,
  memory: { ...newMemory(nowMs), has: new Claims() },
  lives: 1,
  clockMs: { least: 0, most: 0 },
  isGone: true,
  isRunning: false,
  reachableSinceMs: undefined,
  stoodMs: 0,
})

class Claims extends Map<string, number> {
  override has(): boolean {
    return true
  }
}

/** Where a liar lies. */
export interface Ground {
  readonly seed: number
  readonly network: SimulatedNetwork
  readonly now: () => number
  readonly channelId: string
  readonly contentTopic: string
  readonly cipher: Cipher
  /** Whether he speaks in the name of others, too: nothing but signatures prevents that. */
  readonly isImpostor: boolean
}

/** Lets one liar loose, whose acts follow from the seed. */
export function letLie(round: Round, ground: Ground): void {
  const { seed, network, now, channelId, contentTopic, cipher, isImpostor } = ground
  const acts = hostileMembers.filter(({ name }) => isImpostor || !impostorNames.includes(name))
  const random = seededRandom(seed, LIAR)
  const peer = network.peer(LIAR)
  const frames: Uint8Array[] = []
  const messages: SdsMessage[] = []
  void peer.subscribe(contentTopic)
  peer.messages$.subscribe(({ payload, echoOf }) => {
    if (echoOf !== undefined) return
    frames.push(payload)
    try {
      const { message } = decodeMessage(openFrame(cipher, payload, { channelId, contentTopic }) as Uint8Array)
      if (message !== undefined) messages.push(message)
    } catch {
      // What another liar has made up.
    }
  })
  const send = (payload: Uint8Array): void => {
    // It may be refused like anybody.
    peer.send({ contentTopic, ephemeral: true, meta: META, payload: new Uint8Array(payload) }).catch(() => {})
  }
  let said = 0
  const hands: Hands = {
    random,
    now,
    frames,
    messages,
    send,
    say(fields) {
      const message: SdsMessage = {
        senderId: LIAR,
        messageId: `lie ${said++}`,
        channelId,
        lamport: now(),
        causalHistory: [],
        repairRequest: [],
        ...fields,
      }
      const kind = message.content === undefined ? 'sync' : 'content'
      const plain = encodeMessage(message, 'lip')
      send(sealFrame(cipher, plain, { channelId, contentTopic, kind }) as Uint8Array)
    },
  }
  for (let spell = 0; spell < SPELLS; spell++) {
    const { act } = acts[Math.floor(random() * acts.length)]!
    const fromMs = random() * round.activeMs
    for (let second = 0; second < SECONDS; second++)
      round.at(Math.min(fromMs + 1_000 * second, round.activeMs), () => act(hands, SECONDS * spell + second))
  }
}
