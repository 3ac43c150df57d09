import { type ReactNode, useEffect } from 'react'
import '../later-style.ts'
import './icon.ts'
import './stay-on-drop.ts'
import { takeSample } from '../model/take-sample.ts'
import { Charts } from './charts.tsx'
import { Code } from './code.tsx'
import { Comparison } from './comparison.tsx'
import { Controls, type ControlsProps } from './controls.tsx'
import { CausalGraph } from './graph.tsx'

/** What stands below the first screen: settings, graph, comparison, charts and code. */
export function Below(props: ControlsProps): ReactNode {
  const { session, settings } = props
  useEffect(() => {
    session.onTell = () => takeSample(session.samples, session.model, session.world.elapsedMs)
    return () => {
      session.onTell = () => {}
    }
  }, [session])
  return (
    <>
      <Controls {...props} />
      <div className="cards">
        <CausalGraph session={session} />
        <Comparison session={session} />
      </div>
      <Charts key={session.preset.id} session={session} />
      <Code settings={settings} />
    </>
  )
}
