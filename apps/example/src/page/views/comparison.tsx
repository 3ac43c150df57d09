import type { ReactNode } from 'react'
import type { Session } from '../session.ts'

/** The same messages with the library and without, side by side. */
export function Comparison({ session: { model, world } }: { readonly session: Session }): ReactNode {
  const { expected, heard, doubled, disordered, frames } = model.totals
  const { bare } = world
  const rows: readonly (readonly [name: string, withIt: number, without: number])[] = [
    ['Arrived', heard, bare.whole],
    ['Not there, or not yet', expected - heard, bare.expected - bare.whole],
    ['Came twice', doubled, bare.doubled],
    ['Out of order', disordered, bare.disordered],
    ['Frames sent', frames, bare.sent],
  ]
  return (
    <section className="card" aria-label="With and without reliable channels">
      <h2>With and without</h2>
      <p className="hint">
        The same messages over a twin of this network, each sent once over the bare transport.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Messages</th>
            <th scope="col">With channels</th>
            <th scope="col">Bare transport</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, withIt, without]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{withIt}</td>
              <td>{without}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
