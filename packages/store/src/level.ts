/**
 * A store over any database of the abstract-level family.
 *
 * @packageDocumentation
 */
export type { CorruptReason } from './level/entry-format.ts'
export type { LevelDatabase, LevelIterator, LevelOperation, LevelRange } from './level/level-database.ts'
export { type CorruptEntry, type LevelStoreOptions, levelStore } from './level/level-store.ts'
