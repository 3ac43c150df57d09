import { type LogEntry, bytesOfNames } from '../history/log-entry.ts'

/** A received message that waits for others. */
export interface Parked {
  readonly entry: LogEntry
  /** The fields of its frame beside the payload. */
  readonly frame: object | undefined
  readonly lane: object | undefined
  /** How many of its causal history are missing. */
  readonly waitsFor: number
  /** It counts as so much. */
  readonly bytes: number
  /** How many of those that it waits for nothing had waited for before. */
  readonly named: number
}

/** The bytes that a parked message counts for. */
export const parkedBytes = (entry: LogEntry): number =>
  entry.contentLength + bytesOfNames(entry.causalHistory)
