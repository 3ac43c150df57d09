import type { Host } from './host.ts'

/** What a command is given beside its options. */
export interface CommandContext {
  readonly host: Host
  /** Says with which code to end; 0 unless told otherwise. */
  readonly end: (exitCode: number) => void
}
