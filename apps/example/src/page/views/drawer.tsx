import { type ReactNode, useEffect, useRef } from 'react'
import '../later-style.ts'
import { type Entry, tickText } from '../model/entry.ts'
import { type Cell, segmentGrid } from '../model/segment-grid.ts'
import { type PeerName, TITLES } from '../world/settings.ts'
import { sizeText } from './bubble.tsx'
import { SaveFile } from './save-file.tsx'
import { Bytes } from './bytes.tsx'

const nameOf = (peer: string): string => TITLES[peer as PeerName] ?? peer

const CELLS: Readonly<Record<Cell, string>> = {
  waiting: 'not sent or on its way',
  arrived: 'arrived',
  lost: 'lost so far',
  recovered: 'recovered',
}

/** Everything that is known of one message. */
export function Drawer({
  entry,
  onClose,
}: {
  readonly entry: Entry | undefined
  readonly onClose: () => void
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  // The browser gives the focus back to where it was, if the dialog is closed and does not just disappear.
  const close = (): void => dialog.current?.close()
  if (entry === undefined) return undefined
  const { message, author, payloadBytes, saidAtMs, moments, heardAtMs, status } = entry
  return (
    <dialog
      ref={dialog}
      className="drawer"
      aria-label="About this message"
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && close()}
    >
      <div className="drawer-body">
        <header className="drawer-head">
          <h2>{message.text}</h2>
          <button type="button" className="quiet" onClick={close}>
            Close
          </button>
        </header>
        <p className="story">
          {TITLES[author]}, {sizeText(payloadBytes)}. {tickText(entry, nameOf)}.
        </p>
        {message.kind === 'file' && <SaveFile message={message} />}
        <h3>Who has it</h3>
        <dl className="facts">
          {[...heardAtMs].map(([peer, atMs]) => (
            <div key={peer}>
              <dt>{TITLES[peer]}</dt>
              <dd>{((atMs - saidAtMs) / 1_000).toFixed(2)} s later</dd>
            </div>
          ))}
          <div>
            <dt>Acknowledged by</dt>
            <dd>{status?.deliveredTo.map(nameOf).join(', ') || 'nobody yet'}</dd>
          </div>
        </dl>
        <Grid entry={entry} />
        <h3>What happened</h3>
        <ol className="moments">
          {moments.map(({ atMs, text }, i) => (
            <li key={i}>
              <time>{((atMs - saidAtMs) / 1_000).toFixed(2)} s</time>
              {text}
            </li>
          ))}
        </ol>
        <Bytes entry={entry} />
      </div>
    </dialog>
  )
}

function Grid({ entry }: { readonly entry: Entry }): ReactNode {
  const { rows, dataCount, total } = segmentGrid(entry)
  return (
    <>
      <h3>{gridTitle(dataCount, total - dataCount)}</h3>
      {rows.map(({ peer, cells }) => (
        <div key={peer} className="grid-row">
          <span>{TITLES[peer]}</span>
          <ol className="cells" aria-label={`Segments at ${TITLES[peer]}`}>
            {cells.map((cell, i) => (
              <li key={i} data-cell={cell} data-spare={i >= dataCount} title={CELLS[cell]}>
                <span className="visually-hidden">{CELLS[cell]}</span>
              </li>
            ))}
          </ol>
        </div>
      ))}
      <ul className="legend" aria-label="Colours of the segments">
        {(['arrived', 'lost', 'recovered', 'waiting'] as const).map((cell) => (
          <li key={cell} data-cell={cell}>
            {CELLS[cell]}
          </li>
        ))}
      </ul>
    </>
  )
}

function gridTitle(data: number, spare: number): string {
  const segments = data === 1 ? 'One segment' : `${data} segments`
  return spare === 0 ? segments : `${segments}, and ${spare} spare`
}
