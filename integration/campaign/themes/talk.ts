import { CONTENT_TOPIC } from '../life.ts'
import { letLoose } from '../outsiders.ts'
import type { Round, Theme } from './theme.ts'

/** Large messages, whatever else there is. */
export function large(round: Round): void {
  round.largest = 1_000_000
  round.largeRate = 0.2
}

/** Messages of all priorities, and some that depend on nothing; in half of the rounds what is less urgent waits for a quota. */
export function orders(round: Round): void {
  round.mixesOrders = true
}

/** Everybody says what it has, and remembers who has its own. */
export function receipts(): void {}

/** Outsiders who repeat, alter, cut and invent frames; what members say is sealed. */
export const hostile: Theme = (round) => letLoose(round, CONTENT_TOPIC)

/** A member who lies, in his own name; and one who lies in others' too, where the cipher signs. See `liars.ts`. */
export function liars(): void {}

export function impostors(): void {}
