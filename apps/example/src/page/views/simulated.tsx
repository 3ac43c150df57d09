import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { fromAddress, toAddress } from '../address.ts'
import { type Session, openSession } from '../session.ts'
import { loadParity } from '../stand-ins/parity.ts'
import { PRESETS, type Preset } from '../world/presets.ts'
import { PEERS, type PeerName, type Settings } from '../world/settings.ts'
import { ChatPane } from './chat-pane.tsx'
import { later } from './later.tsx'
import { PeerTabs } from './peer-tabs.tsx'
import { Pipeline } from './pipeline.tsx'
import { Presets } from './presets.tsx'

/** Comes right after the first paint. */
const Below = later(async () => (await import('./below.tsx')).Below)

/** Comes when a message is opened for the first time: the first paint does without. */
const Drawer = later(async () => (await import('./drawer.tsx')).Drawer)

/** Three peers and the network between them, in virtual time. */
export function Simulated({
  session,
  onSession,
}: {
  readonly session: Session
  readonly onSession: (session: Session) => void
}): ReactNode {
  const { model, world, preset } = session
  useSyncExternalStore(model.subscribe, model.version)
  // What the visitor has chosen: the preset may have cut somebody off meanwhile.
  const [settings, setSettings] = useState(() => {
    const { partition } = fromAddress(location.search).settings
    return { ...world.settings, partition }
  })
  const [viewing, setViewing] = useState<PeerName>('alice')
  const [opened, setOpened] = useState<string>()

  useEffect(() => {
    // It is not needed yet, and will be at once when it is.
    void loadParity()
  }, [])
  useEffect(() => {
    history.replaceState(undefined, '', toAddress(preset, settings))
  }, [preset, settings])

  const restart = (next: Preset, with_: Settings): void => {
    setOpened(undefined)
    void openSession({ preset: next, settings: with_ }).then((fresh) => {
      session.close()
      fresh.speed = session.speed
      setSettings(with_)
      onSession(fresh)
    })
  }
  const change = (changes: Partial<Settings>): void => {
    setSettings({ ...settings, ...changes })
    void world.change({ ...world.settings, ...changes })
  }

  return (
    <>
      <Presets
        presets={PRESETS}
        current={preset}
        onChoose={(next) => restart(next, { ...next.settings, seed: settings.seed })}
      />
      <main>
        <section className="chats" aria-label="The conversation, as each peer sees it">
          <PeerTabs viewing={viewing} onView={setViewing} />
          <div className="panes">
            {PEERS.map((peer) => (
              <ChatPane
                key={peer}
                session={session}
                peer={peer}
                isViewed={peer === viewing}
                onOpen={setOpened}
              />
            ))}
          </div>
          <p className="notice" role="alert">
            {model.notice}
          </p>
          <p className="visually-hidden" role="status">
            {model.announcement}
          </p>
        </section>
        <Pipeline session={session} />
      </main>
      <Below
        session={session}
        settings={settings}
        onChange={change}
        onRestart={() => restart(preset, settings)}
      />
      {opened !== undefined && (
        <Drawer entry={model.entries.get(opened)} onClose={() => setOpened(undefined)} />
      )}
    </>
  )
}
