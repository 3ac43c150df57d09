import type { Change } from '@reliable-channels/store'
import type { SavedNode } from '../model/graph.ts'
import type { Entry } from '../model/entry.ts'
import type { EntryChanges, SavedModel } from '../model/saved-model.ts'
import type { Samples } from '../model/samples.ts'
import { decodeEntry, encodeEntry } from '../model/saved-entry.ts'
import type { SavedWorld } from '../world/saved-world.ts'

/** Of this form of what is kept: one of another form is forgotten. */
const FORM = 1
const PAGE = 'page/state'
const ENTRY = 'page/entry/'
const FILE = 'page/file/'

/** All that the page must know to go on, beside what the channels have stored. */
export interface SavedPage {
  readonly preset: string
  readonly world: SavedWorld
  readonly model: SavedModel
  readonly samples: Samples
  readonly graph: readonly SavedNode[]
}

/** A page as it is at one moment, and what has changed since the last one. */
export interface Kept {
  readonly page: SavedPage
  readonly entries: EntryChanges
  /** Of the stores of its channels. */
  readonly stores: readonly Change[]
}

/** What a page goes on from. */
export interface Recalled {
  readonly page: SavedPage
  readonly entries: readonly Entry[]
  /** All that was kept: the stores of the channels are in it. */
  readonly kept: ReadonlyMap<string, Uint8Array>
}

/** What is to be written. */
export function keptChanges({ page, stores, entries: { changed, gone } }: Kept): Change[] {
  return [
    ...stores,
    { key: PAGE, value: new TextEncoder().encode(JSON.stringify({ form: FORM, ...page })) },
    ...changed.flatMap((entry): Change[] => {
      const { id, kind, bytes } = entry.message
      const head = { key: ENTRY + id, value: encodeEntry(entry) }
      // A file does not change; once is enough.
      const isNew = kind === 'file' && !written.has(entry)
      if (isNew) written.add(entry)
      return isNew ? [head, { key: FILE + id, value: bytes }] : [head]
    }),
    ...gone.flatMap((id): Change[] =>
      [ENTRY, FILE].map((prefix) => ({ key: prefix + id, value: undefined })),
    ),
  ]
}

const written = new WeakSet<Entry>()

/** What was kept, if there is anything. @throws what cannot be read any more */
export function readKept(kept: ReadonlyMap<string, Uint8Array>): Recalled | undefined {
  const state = kept.get(PAGE)
  if (state === undefined) return undefined
  const page = JSON.parse(new TextDecoder().decode(state)) as SavedPage & { readonly form: number }
  if (page.form !== FORM) return undefined
  const entries = [...kept]
    .filter(([key]) => key.startsWith(ENTRY))
    .map(([key, value]) => decodeEntry(value, kept.get(FILE + key.slice(ENTRY.length))))
    .toSorted((a, b) => a.saidAtMs - b.saidAtMs)
  for (const entry of entries) written.add(entry)
  return { page, entries, kept }
}
