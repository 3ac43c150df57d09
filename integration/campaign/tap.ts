import type { Cipher } from '@reliable-channels/encryption'
import { type SdsMessage, decodeMessage } from '@reliable-channels/sds/core'
import type { Transport } from '@reliable-channels/transport'
import type { Surroundings } from './surroundings.ts'

/** Hears what a member's frames carry, on their way out, for the judge and for the trace. */
export class Tap {
  readonly #world: Surroundings
  readonly #name: string

  constructor(world: Surroundings, name: string) {
    this.#world = world
    this.#name = name
  }

  /** The same transport, which tells what its frames carry, and counts topics. */
  transport(transport: Transport, topics: { count: number }): Transport {
    return {
      ...transport,
      async subscribe(topic) {
        await transport.subscribe(topic)
        topics.count++
      },
      unsubscribe(topic) {
        topics.count--
        return transport.unsubscribe(topic)
      },
      send: (envelope) => {
        const { cipherOf, frames } = this.#world
        const frame = cipherOf === undefined ? this.#carries(envelope.payload) : undefined
        if (frame !== undefined) frames?.says(envelope, frame)
        return transport.send(envelope)
      },
    }
  }

  /** A cipher that tells what it seals, since on the way nobody can read it. */
  cipher(cipher: Cipher): Cipher {
    return {
      id: cipher.id,
      overheadBytes: cipher.overheadBytes,
      signs: cipher.signs,
      seal: (plain, context) => {
        this.#carries(plain)
        return cipher.seal(plain, context)
      },
      open: (sealed, context) => cipher.open(sealed, context),
    }
  }

  /** A frame carries something. Returns what, in words, where somebody listens. */
  #carries(plain: Uint8Array): string | undefined {
    const { truth, say, frames } = this.#world
    const { message } = decodeMessage(plain)
    if (message === undefined) return undefined
    truth.carried(message)
    if ((say ?? frames) === undefined) return undefined
    const frame = this.#frame(message)
    say?.(`${this.#name} > ${frame}, ${plain.length} B`)
    return frame
  }

  #frame(message: SdsMessage): string {
    const { messageId, senderId, causalHistory, repairRequest } = message
    const name = (id: string): string => this.#world.truth.carriedBy(id) ?? id.slice(0, 6)
    const list = (word: string, entries: readonly { readonly messageId: string }[]): string =>
      entries.length === 0 ? '' : `, ${word} ${entries.map((each) => name(each.messageId)).join(' ')}`
    const what =
      (message.content?.length ?? 0) === 0
        ? 'sync'
        : `${senderId === this.#name ? '' : 'repair '}${name(messageId)} (${messageId.slice(0, 6)})`
    return `${what}${list('after', causalHistory)}${list('asks for', repairRequest)}`
  }
}
