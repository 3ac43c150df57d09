import type { Entry } from '@reliable-channels/store'
import { check } from '../check-settings.ts'
import type { SdsRecords } from '../sds-records.ts'
import { restore } from './restore.ts'
import { StoredJournal } from './stored-journal.ts'

/**
 * Lets a stage go on from what an earlier one of the same participant stored, and return changes to store with each step:
 * as many small entries as things have changed, each deleted when it is no longer needed. One is for one stage.
 *
 * @param entries - what was stored; one that cannot be read is reported to `onCorrupt`, and the others are used
 * @param isKept - whether the steps return changes; without, what was stored is read and no more is
 * @throws {@link SdsOptionError} for `entries` that cannot be iterated
 *
 * @example
 * const stage = createSdsStage(options, sdsRecords(entries))
 * const { changes } = stage.handle({ type: 'start' }, Date.now())
 * await store.write(changes)
 */
export function sdsRecords(entries: Iterable<Entry> = [], isKept = true): SdsRecords {
  check.iterable('restore', entries)
  const journal = isKept ? new StoredJournal() : undefined
  return { journal, restore: (state) => restore(state, entries, journal) }
}
