import type { ReactNode } from 'react'
import type { Session } from '../session.ts'

/** How many messages have arrived, with the library and without. */
export function Score({ session: { model, world } }: { readonly session: Session }): ReactNode {
  const { expected, heard, copies, lostCopies } = model.totals
  const { whole, expected: bareExpected } = world.bare
  return (
    <dl className="score">
      <div>
        <dt>Lost on the way</dt>
        <dd>
          {lostCopies} <small>of {copies} copies</small>
        </dd>
      </div>
      <div className="score-main">
        <dt>Arrived, with channels</dt>
        <dd>
          {heard} <small>of {expected}</small>
        </dd>
      </div>
      <div>
        <dt>Arrived, without</dt>
        <dd>
          {whole} <small>of {bareExpected}</small>
        </dd>
      </div>
    </dl>
  )
}
