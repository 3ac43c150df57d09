import type { LimitOptions } from './limit-options.ts'
import type { ContentRefusal, OfferedContent, SdsOptions } from './options.ts'
import type { Losses } from './parts/arrivals.ts'
import type { RepairOptions } from './repair-options.ts'

type Filled<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> }

/** Options with their defaults filled in. */
export interface Settings
  extends
    Filled<LimitOptions>,
    Filled<
      Omit<
        SdsOptions,
        | keyof LimitOptions
        | 'repair'
        | 'groupSize'
        | 'writer'
        | 'losses'
        | 'retrievalHint'
        | 'refuses'
        | 'needs'
        | 'mayGive'
        | 'onCorrupt'
        | 'dispatch'
        | 'acknowledgementTimeoutMs'
      >
    > {
  readonly repair: Filled<Omit<RepairOptions, 'responseGroups' | 'maxRequestsPerMessage'>> & {
    readonly responseGroups: number | undefined
    readonly maxRequestsPerMessage: number | undefined
    /** The waits of LIP-109 hold for everything, and not only for what its author cannot be asked for. */
    readonly isLip: boolean
  }
  /** As it was given; without it timers follow the round trips. */
  readonly acknowledgementTimeoutMs: number | undefined
  readonly groupSize: number | undefined
  readonly writer: number | undefined
  readonly losses: Losses | undefined
  readonly dispatch: 'immediate' | 'reported' | undefined
  readonly retrievalHint: (messageId: string) => Uint8Array | undefined
  readonly needs: ((messageId: string) => boolean) | undefined
  readonly refuses: ((content: OfferedContent) => ContentRefusal | undefined) | undefined
  readonly mayGive: (messageId: string) => boolean
  readonly onCorrupt: (key: string, reason: string) => void
}

/** A quota that allows no more than one message in so long is tight: others make theirs in less. */
const TIGHT_MS = 2_000

/** Whether the quota is tight. */
export const isTight = ({ paceMs }: Pick<Settings, 'paceMs'>): boolean => paceMs > TIGHT_MS

/** Whether timers follow the round trips that are measured. */
export const isMeasured = ({
  acknowledgementTimeoutMs,
}: Pick<Settings, 'acknowledgementTimeoutMs'>): boolean => acknowledgementTimeoutMs === undefined
