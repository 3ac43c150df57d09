/**
 * A store over any database of the abstract-level family.
 *
 * @packageDocumentation
 */
export type { CorruptReason } from './level/entry-format.ts'
export {
  type CorruptEntry,
  type LevelDatabase,
  type LevelStoreOptions,
  levelStore,
} from './level/level-store.ts'
