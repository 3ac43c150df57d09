import { type ReactNode, useEffect } from 'react'
import '../later-style.ts'
import './icon.ts'
import './stay-on-drop.ts'
import { takeSample } from '../model/take-sample.ts'
import type { Session } from '../session.ts'
import type { Settings } from '../world/settings.ts'
import { Charts } from './charts.tsx'
import { Code } from './code.tsx'
import { Comparison } from './comparison.tsx'
import { Controls } from './controls.tsx'
import { CausalGraph } from './graph.tsx'

/** What stands below the first screen: settings, graph, comparison, charts and code. */
export function Below({
  session,
  settings,
  onChange,
  onRestart,
}: {
  readonly session: Session
  readonly settings: Settings
  readonly onChange: (changes: Partial<Settings>) => void
  readonly onRestart: () => void
}): ReactNode {
  useEffect(() => {
    session.onTell = () => takeSample(session.samples, session.model, session.world.elapsedMs)
    return () => {
      session.onTell = () => {}
    }
  }, [session])
  return (
    <>
      <Controls session={session} settings={settings} onChange={onChange} onRestart={onRestart} />
      <div className="cards">
        <CausalGraph session={session} />
        <Comparison session={session} />
      </div>
      <Charts key={session.preset.id} session={session} />
      <Code settings={settings} />
    </>
  )
}
