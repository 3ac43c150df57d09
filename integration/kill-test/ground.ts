import type { Answer, Command, JournalEntry } from './protocol.ts'

/** The process that is killed, as whoever outlives it sees it. */
export interface Victim {
  /** Its answer, or `undefined` when it died instead. */
  tell(command: Command): Promise<Answer | undefined>
  /** Kills it and waits for its end. */
  kill(): Promise<void>
}

/** Where a life takes place: what is killed there, and what outlives it. */
export interface Ground {
  /** Starts one that waits for commands; all of them find the same store. */
  start(): Victim
  /** Told to each of them: where the store is, and the journal. */
  readonly place: { readonly directory: string; readonly journal: string }
  /** The entries that they have written down since the last call. */
  read(): Promise<readonly JournalEntry[]>
  /** Whether it can end itself at a point of its choice; else it is killed while it works. */
  readonly diesByItself: boolean
  close(): Promise<void>
}
