import { type Uint64, hexOf } from '@reliable-channels/wire'
import type { FieldValue } from './inspection.ts'

/** Longest text shown, characters. */
const SHOWN_CHARACTERS = 120
/** Longest bytes shown. */
const SHOWN_BYTES = 24

/** Text of anybody's on one line, cut short: nothing in it steers a terminal. */
export function shownText(text: string): string {
  const clean = printable(text)
  return clean.length > SHOWN_CHARACTERS ? `${clean.slice(0, SHOWN_CHARACTERS)}…` : clean
}

/** The same text with a sign in the place of each character that is none to look at: controls, unassigned, reversing. */
export function printable(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '\uFFFD')
}

/** The first bytes in hexadecimal, and how many there are. */
export function shownBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty'
  const cut = bytes.length > SHOWN_BYTES
  return `${hexOf(bytes, 0, cut ? SHOWN_BYTES : bytes.length)}${cut ? '…' : ''} (${sizeOf(bytes.length)})`
}

/** `1 byte`, `18,752 bytes`. */
export function sizeOf(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en')} bytes`
}

/** A number as JSON has it. */
export function numberValue(value: Uint64): FieldValue {
  return typeof value === 'bigint' ? value.toString() : value
}

/** Latest time that a date can be of, ms. */
const LATEST_MS = 8.64e15

/** A number that is a time, and the time. */
export function shownTime(value: Uint64, ms: number): string {
  return ms <= LATEST_MS ? `${value} (${new Date(ms).toISOString()})` : String(value)
}
