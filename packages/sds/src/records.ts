/**
 * What an SDS participant stores, and how one goes on from it after a restart.
 *
 * @packageDocumentation
 */
export { sdsRecords } from './core/store/stored-records.ts'
