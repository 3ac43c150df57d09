/** Who hears and sends on the channel's topic, has no key, and wants it ill. */
import type { TransportMessage } from '@reliable-channels/transport'
import type { Round } from './themes/theme.ts'

/** Makes a payload of one that was heard, or of nothing. */
type Forgery = (random: () => number, heard: Uint8Array) => Uint8Array

/** One outsider. */
interface Outsider {
  /** How long after what it heard it sends, ms, at most; as many short times as long ones. */
  readonly longestMs: number
  readonly forge: Forgery
}

/** So many frames each of them sends in a round. */
const MOST_FRAMES = 200
const HOUR_MS = 3_600_000

/** The outsiders, by name. */
export const outsiders: Readonly<Record<string, Outsider>> = {
  repeats: { longestMs: 6 * HOUR_MS, forge: (_random, heard) => heard },
  alters: {
    longestMs: 1_000,
    forge(random, heard) {
      const payload = heard.slice()
      const at = Math.floor(random() * payload.length)
      payload[at]! ^= 1 << Math.floor(random() * 8)
      return payload
    },
  },
  cuts: {
    longestMs: 1_000,
    forge: (random, heard) => heard.subarray(0, Math.floor(random() * heard.length)),
  },
  invents: {
    longestMs: 60_000,
    forge: (random) =>
      Uint8Array.from({ length: Math.floor(random() * 2_000) }, () => Math.floor(random() * 256)),
  },
}

/** Lets all of them loose in a round. */
export function letLoose(round: Round, contentTopic: string): void {
  for (const [name, { longestMs, forge }] of Object.entries(outsiders)) {
    const peer = round.network.peer(`outsider-${name}`)
    let sent = 0
    const answer = ({ payload, meta, ephemeral }: TransportMessage): void => {
      if (sent >= MOST_FRAMES || round.random() < 0.5) return
      sent++
      const forged = new Uint8Array(forge(round.random, payload))
      const lateMs = Math.exp(round.random() * Math.log(longestMs))
      // It may be refused like anybody.
      round.after(lateMs, () => {
        const envelope = { contentTopic, payload: forged, ephemeral, ...(meta && { meta }) }
        peer.send(envelope).catch(() => {})
      })
    }
    peer.messages$.subscribe(answer)
    void peer.subscribe(contentTopic)
  }
}
