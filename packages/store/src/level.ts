/**
 * A store over any database of the abstract-level family.
 *
 * @packageDocumentation
 */
export type { LevelDatabase, LevelIterator, LevelOperation, LevelRange } from './level/level-database.ts'
export { type LevelStoreOptions, levelStore } from './level/level-store.ts'
export type { CorruptEntry, CorruptReason } from './store.ts'
