import { EntryNumbers } from '@reliable-channels/stage/core'
import type { Entry } from '@reliable-channels/store'
import type { CompletedHorizon } from './completed-horizons.ts'
import {
  type RestoredMessage,
  type RestoredSegment,
  type RestoredShelved,
  decodeCompletedRecord,
  decodeHorizonRecord,
  decodeSegmentRecord,
  decodeShelvedRecord,
} from './records.ts'

/** Entries of a former stage, in the order in which they came about. */
export interface Restored {
  readonly segments: readonly RestoredSegment[]
  readonly messages: readonly RestoredMessage[]
  readonly shelved: readonly RestoredShelved[]
  readonly horizons: readonly CompletedHorizon[]
  /** Keys of entries that could not be read. */
  readonly damaged: readonly string[]
  /** Names further entries. */
  readonly numbers: EntryNumbers
}

/** Reads stored entries, which may come in any order. */
export function readEntries(entries: Iterable<Entry>, writer: number | undefined): Restored {
  const segments: RestoredSegment[] = []
  const messages: RestoredMessage[] = []
  const shelved: RestoredShelved[] = []
  const horizons: CompletedHorizon[] = []
  const damaged: string[] = []
  const numbers = new EntryNumbers(writer)
  for (const { key, value } of entries) {
    const number = numberOf(key)
    const isNumbered = Number.isSafeInteger(number)
    const segment = isNumbered && key.startsWith('s') ? decodeSegmentRecord(value, key) : undefined
    const message = isNumbered && key.startsWith('c') ? decodeCompletedRecord(value, key) : undefined
    const onShelf = isNumbered && key.startsWith('i') ? decodeShelvedRecord(value, key) : undefined
    const horizon = isNumbered && key.startsWith('h') ? decodeHorizonRecord(value, key) : undefined
    if (segment !== undefined) segments.push(segment)
    else if (message !== undefined) messages.push(message)
    else if (onShelf !== undefined) shelved.push(onShelf)
    else if (horizon !== undefined) horizons.push(horizon)
    else damaged.push(key)
    if (isNumbered) numbers.restore(number)
  }
  segments.sort((a, b) => a.receivedAt - b.receivedAt || numberOf(a.recordKey) - numberOf(b.recordKey))
  shelved.sort((a, b) => numberOf(a.recordKey) - numberOf(b.recordKey))
  messages.sort((a, b) => numberOf(a.recordKey) - numberOf(b.recordKey))
  horizons.sort((a, b) => numberOf(a.recordKey) - numberOf(b.recordKey))
  return { segments, messages, shelved, horizons, damaged, numbers }
}

function numberOf(key: string): number {
  return Number.parseInt(key.slice(1), 36)
}
