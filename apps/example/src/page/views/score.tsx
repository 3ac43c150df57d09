import { type ReactNode, useSyncExternalStore } from 'react'
import type { Session } from '../session.ts'

/** How many messages have arrived, with the library and without: what the page is about, at a glance. */
export function Score({ session: { model, world } }: { readonly session: Session }): ReactNode {
  useSyncExternalStore(model.subscribe, model.version)
  const { expected, heard, copies, lostCopies } = model.totals
  const { whole, expected: bareExpected } = world.bare
  return (
    <dl className="score" aria-label="Messages that arrived">
      <Bar name="With reliable channels" count={heard} of={expected} isMain />
      <Bar name="Without" count={whole} of={bareExpected} />
      <div className="score-note">
        <dt>Lost on the way</dt>
        <dd>
          {lostCopies} of {copies} copies
        </dd>
      </div>
    </dl>
  )
}

function Bar({
  name,
  count,
  of,
  isMain = false,
}: {
  readonly name: string
  readonly count: number
  readonly of: number
  readonly isMain?: boolean
}): ReactNode {
  return (
    <div className="bar" data-main={isMain}>
      <dt>{name}</dt>
      <dd>
        <b>{count}</b> of {of} arrived
      </dd>
      <dd className="track" aria-hidden="true">
        <span style={{ width: `${of === 0 ? 0 : (100 * count) / of}%` }} />
      </dd>
    </div>
  )
}
