import type { Horizon } from '../parts/horizons.ts'

/*
 * The entries in the store, one for each thing:
 *
 *   clock        Lamport timestamp and the time in the last message id, where no log/N tells them
 *   log/N/ID     a content message, received or sent; and whether it is an own one with `order: 'none'`; and the time in the
 *                last message id, where that was new with it
 *   parked/N     there while log/N waits for its dependencies: since when
 *   out/N        there while log/N is unacknowledged: retransmissions, whether it ever left, whether it was given up,
 *                when it left last, and the probes then, its priority
 *   missing/N    a message that only a sync message has named: whose, and since when it is missed
 *   answer/N     a message to be given to those who asked for it, and when
 *   life         how long the participant has run, and its probes
 *   met/N/ID     an id met without its message
 *   horizon      up to where messages may have come and be forgotten
 *   horizon/N    the same, of one sender
 *   made-up/N    the same of messages with made-up timestamps; made-up for all other senders
 *   passed/N     the same of ephemeral messages, whose time is that in their ids; passed for all other senders
 *   shared       the last entry of which it was told that two wrote at once
 *
 * Times are of the participant's life: ms that it has run, all its processes together. What waits goes on waiting where it
 * was, whatever time nothing ran.
 *
 * N is the entry's sequence number in base 36. An id stands in the key (see `idInKey`), so that it is known though the value is damaged: the
 * message has been here. In what older versions wrote, and where it is no well-formed text, it stands in the value. Values are Protocol Buffers fields after a version byte.
 */

export const CLOCK_KEY = 'clock'
export const SHARED_KEY = 'shared'
export const PASSED_KEY = 'passed'
/** Of content messages, of those with made-up timestamps, or of ephemeral ones. */
export type HorizonKind = 'horizon' | 'made-up' | typeof PASSED_KEY
export const isHorizon = (kind: string): kind is HorizonKind =>
  kind === 'horizon' || kind === 'made-up' || kind === PASSED_KEY
/** Kinds of records whose keys say nothing but a number. */
export type Numbered = 'parked' | 'out' | 'missing' | 'answer'
/** Under which key a record is stored; the id of what has one follows. */
export const keyOf = (kind: Numbered | 'log' | 'met', sequence: number): string =>
  `${kind}/${sequence.toString(36)}`
/** Of a horizon: one for each sender, and one for all others. */
export const horizonKey = (kind: HorizonKind, { sequence, senderId }: Horizon): string =>
  senderId === undefined ? kind : `${kind}/${sequence.toString(36)}`

export const LIFE_KEY = 'life'
