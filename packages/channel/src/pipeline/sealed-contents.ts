import { EntryNumbers } from '@reliable-channels/stage/core'
import type { UnitOfWork } from '@reliable-channels/stage'
import type { Change, Entry } from '@reliable-channels/store'
import { type MonoTypeOperatorFunction, Observable, concat, defer, from, map } from 'rxjs'
import { decodeKept, encodeKept } from '../core/message-record.ts'
import { UNREADABLE } from '../core/record.ts'
import type { DeliveredSegment } from './frames.ts'

/** Contents that SDS has delivered and the cipher has not opened yet: kept, since SDS does not deliver them again. */
export interface SealedContents {
  /** Segments that were kept when the process ended, in order; then each new one, once it is kept. */
  keep(): MonoTypeOperatorFunction<DeliveredSegment>
  /** The segment was opened, or never will be; what `then` stores goes into the same write. */
  opened(segment: DeliveredSegment, then?: () => void): void
}

/** Options of {@link createSealedContents}. */
export interface SealedContentsOptions {
  unitOfWork: UnitOfWork
  /** Tells its entries from those of another on the same store. */
  writer: number
  restore: readonly Entry[]
  onCorrupt: (key: string, reason: string) => void
  store: (changes: readonly Change[]) => void
}

/** Makes the memory of sealed contents. */
export function createSealedContents(options: SealedContentsOptions): SealedContents {
  const { unitOfWork, writer, restore, onCorrupt, store } = options
  let waiting = 0
  const numbers = new EntryNumbers(writer)

  const restored = (): DeliveredSegment[] => {
    const segments: { number: number; segment: DeliveredSegment }[] = []
    for (const { key, value } of restore) {
      const number = Number.parseInt(key, 36)
      const segment = decodeKept(value)
      if (segment !== undefined && Number.isSafeInteger(number)) segments.push({ number, segment })
      else {
        onCorrupt(key, UNREADABLE)
        store([{ key, value: undefined }])
      }
    }
    segments.sort((a, b) => a.number - b.number)
    waiting = segments.length
    for (const { number } of segments) numbers.restore(number)
    return segments.map(({ number, segment }) => ({ ...segment, keptAs: number }))
  }

  const add = (segment: DeliveredSegment): DeliveredSegment => {
    // Keys are used again once nothing waits, so that a store does not fill with traces of deleted ones.
    if (waiting === 0) numbers.reset()
    waiting++
    const keptAs = numbers.take()
    store([{ key: keptAs.toString(36), value: encodeKept(segment) }])
    return { ...segment, keptAs }
  }

  return {
    keep: () => (source) => defer(() => concat(from(restored()), source.pipe(map(add)))),
    opened: ({ keptAs }, then) =>
      unitOfWork.run(() => {
        if (keptAs !== undefined) {
          waiting--
          store([{ key: keptAs.toString(36), value: undefined }])
        }
        then?.()
      }),
  }
}

/** Notes each segment as opened in the same write as what follows from it. */
export function openedTogether(contents: SealedContents): MonoTypeOperatorFunction<DeliveredSegment> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (segment) => contents.opened(segment, () => subscriber.next(segment)),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    )
}
