import { type ReactNode, useEffect, useRef } from 'react'
import type { Samples } from '../model/samples.ts'
import type { Session } from '../session.ts'

interface Line {
  readonly label: string
  readonly column: Exclude<keyof Samples, 'seconds'>
  readonly token: 'accent' | 'again'
}

const CHARTS: readonly { readonly title: string; readonly lines: readonly Line[] }[] = [
  { title: 'Messages delivered', lines: [{ label: 'delivered', column: 'delivered', token: 'accent' }] },
  {
    title: 'Delay of the latest 50, ms',
    lines: [
      { label: 'half within', column: 'delayP50', token: 'accent' },
      { label: '95 % within', column: 'delayP95', token: 'again' },
    ],
  },
  {
    title: 'Waiting, and quota left',
    lines: [
      { label: 'waiting', column: 'waiting', token: 'accent' },
      { label: 'quota left', column: 'quotaLeft', token: 'again' },
    ],
  },
  {
    title: 'Frames for each message',
    lines: [{ label: 'frames', column: 'framesPerMessage', token: 'accent' }],
  },
]

/** How it goes over time. The library that draws comes after the first paint. */
export function Charts({ session }: { readonly session: Session }): ReactNode {
  const { samples } = session
  return (
    <section className="card" aria-label="Over time">
      <h2>Over time</h2>
      <div className="charts">
        {CHARTS.map(({ title, lines }) => (
          <figure key={title}>
            <figcaption>
              {title}
              <ul className="legend">
                {lines.map(({ label, column, token }) => (
                  <li key={column} data-line={token}>
                    {label} {valueText(samples[column].at(-1))}
                  </li>
                ))}
              </ul>
            </figcaption>
            <Chart session={session} lines={lines} />
          </figure>
        ))}
      </div>
    </section>
  )
}

const valueText = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'none' : String(Math.round(value * 10) / 10)

function Chart({
  session,
  lines,
}: {
  readonly session: Session
  readonly lines: readonly Line[]
}): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let end = (): void => {}
    let wanted = true
    void import('./line-chart.ts').then(({ lineChart }) => {
      if (wanted && place.current !== null)
        end = lineChart(place.current, {
          lines,
          data: () => [session.samples.seconds, ...lines.map(({ column }) => session.samples[column])],
        })
    })
    return () => {
      wanted = false
      end()
    }
  }, [session, lines])
  return <div ref={place} className="chart" aria-hidden="true" />
}
