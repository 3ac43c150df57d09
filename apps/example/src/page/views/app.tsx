import { type ReactNode, useState } from 'react'
import { type Network, networkOf } from '../address.ts'
import type { Session } from '../session.ts'
import { later } from './later.tsx'
import { NetworkSwitch } from './network-switch.tsx'
import { Score } from './score.tsx'
import { Simulated } from './simulated.tsx'

/** Comes, with all of Waku, when it is asked for. */
const WakuPage = later(
  async () => (await import('../waku/waku-page.tsx')).WakuPage,
  <p role="status">Loading Waku …</p>,
)

const LEADS: Readonly<Record<Network, string>> = {
  simulated:
    'Three people chat over a network that loses, repeats and reorders their messages. Everyone still gets every message, once and in order.',
  waku: 'The same library over a real peer-to-peer network: this page is a light node of it.',
}

/** The whole page: the simulated network, or Waku. */
export function App({ first }: { readonly first: Session }): ReactNode {
  const [session, setSession] = useState(first)
  const [network, setNetwork] = useState<Network>(() => {
    const asked = networkOf(location.search)
    first.held = asked === 'waku'
    return asked
  })
  const choose = (next: Network): void => {
    // The simulated world waits meanwhile.
    session.held = next === 'waku'
    setNetwork(next)
  }
  return (
    <>
      <header className="top">
        <div>
          <div className="title">
            <h1>Reliable Channels</h1>
            <NetworkSwitch current={network} onChoose={choose} />
          </div>
          <p className="lead">{LEADS[network]}</p>
        </div>
        {network === 'simulated' && <Score session={session} />}
      </header>
      {network === 'simulated' ? <Simulated session={session} onSession={setSession} /> : <WakuPage />}
    </>
  )
}
