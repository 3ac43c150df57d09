import { type ReactNode, memo, useState } from 'react'
import { codeFor } from '../model/code.ts'
import type { Settings } from '../world/settings.ts'

/** A program for exactly these settings, to be copied. */
export const Code: (props: { readonly settings: Settings }) => ReactNode = memo(function Code({
  settings,
}: {
  readonly settings: Settings
}): ReactNode {
  const [told, setTold] = useState('')
  const code = codeFor(settings)
  const copy = (): void => {
    navigator.clipboard.writeText(code).then(
      () => setTold('Copied'),
      () => setTold('The browser does not allow it: select and copy'),
    )
  }
  return (
    <section className="card" aria-label="Code for these settings">
      <div className="section-head">
        <h2>Code for these settings</h2>
        <span role="status" className="hint">
          {told}
        </span>
        <button type="button" className="quiet" onClick={copy}>
          Copy
        </button>
      </div>
      <pre tabIndex={0} aria-label="Program">
        {code}
      </pre>
    </section>
  )
})
