import type { ReactNode } from 'react'
import type { Network } from '../address.ts'

const TITLES: Readonly<Record<Network, string>> = { simulated: 'Simulated', waku: 'Waku' }

/** Which network the chat runs over. */
export function NetworkSwitch({
  current,
  onChoose,
}: {
  readonly current: Network
  readonly onChoose: (network: Network) => void
}): ReactNode {
  return (
    <div className="switch" role="group" aria-label="Network">
      {(['simulated', 'waku'] as const).map((network) => (
        <button
          key={network}
          type="button"
          aria-pressed={network === current}
          onClick={() => onChoose(network)}
        >
          {TITLES[network]}
        </button>
      ))}
    </div>
  )
}
