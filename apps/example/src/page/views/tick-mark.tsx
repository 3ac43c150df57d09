import type { ReactNode } from 'react'
import type { Tick } from '../model/entry.ts'

const PATHS: Readonly<Record<Tick, string>> = {
  queued: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3l2 1.5',
  sent: 'm3.5 8.5 3 3 6-7',
  delivered: 'm1.5 8.5 3 3 6-7M8 11l.5.5 6-7',
  failed: 'M8 3v6M8 12v.5',
}

/** A clock, one tick, two ticks, or an exclamation mark. What it means stands beside it. */
export function TickMark({ tick }: { readonly tick: Tick }): ReactNode {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path className="stroke" d={PATHS[tick]} />
    </svg>
  )
}
