import { type ReactNode, useState } from 'react'
import type { Keeping } from '../keep/keeper.ts'
import type { Session } from '../session.ts'
import {
  NUMBER_SETTINGS,
  type NumberSetting,
  PEERS,
  type PeerName,
  type Settings,
  TITLES,
} from '../world/settings.ts'
import { SLIDER_TEXTS } from './slider-texts.ts'

const KEEPING: Readonly<Record<Keeping, string>> = {
  'not yet': '',
  kept: 'Kept in this browser: reload, and it goes on. To start over forgets it.',
  elsewhere: 'Not kept: another tab keeps its conversation.',
  impossible: 'Not kept: this browser does not let the page store it.',
}

const SPEEDS = [0.25, 1, 4] as const

/** What is run, with which settings, and what is done when the visitor wants others. */
export interface ControlsProps {
  readonly session: Session
  readonly settings: Settings
  readonly onChange: (changes: Partial<Settings>) => void
  readonly onRestart: () => void
}

/** The network and the options, to be changed while it runs. */
export function Controls(props: ControlsProps): ReactNode {
  const { session, settings, onChange } = props
  return (
    <section className="controls" aria-label="Settings">
      <Playback {...props} />
      <div className="sliders">
        {NUMBER_SETTINGS.map((setting) => (
          <Slider key={setting.name} setting={setting} value={settings[setting.name]} onChange={onChange} />
        ))}
        <label className="slider">
          <span className="slider-head">
            <span>Partition</span>
          </span>
          <select
            name="partition"
            value={session.world.settings.partition}
            onChange={({ target }) => onChange({ partition: target.value as PeerName | 'nobody' })}
          >
            <option value="nobody">Nobody is cut off</option>
            {PEERS.map((peer) => (
              <option key={peer} value={peer}>
                {TITLES[peer]} is cut off
              </option>
            ))}
          </select>
          <span className="hint">splits the network in two</span>
        </label>
      </div>
    </section>
  )
}

/** One number, set by hand. */
function Slider({
  setting: { name, min, max, step },
  value,
  onChange,
}: {
  readonly setting: NumberSetting
  readonly value: number
  readonly onChange: (changes: Partial<Settings>) => void
}): ReactNode {
  const { label, say, hint } = SLIDER_TEXTS[name]
  return (
    <label className="slider">
      <span className="slider-head">
        <span>{label}</span>
        <output>{say(value)}</output>
      </span>
      <input
        type="range"
        name={name}
        aria-label={`${label}: ${hint}`}
        aria-valuetext={say(value)}
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={({ currentTarget }) => onChange({ [name]: currentTarget.valueAsNumber })}
      />
      <span className="hint">{hint}</span>
    </label>
  )
}

/** Pause, speed, the seed, and the time of this world. */
function Playback({ session, settings, onChange, onRestart }: ControlsProps): ReactNode {
  const [paused, setPaused] = useState(session.paused)
  const [speed, setSpeed] = useState(session.speed)
  const pause = (next: boolean): void => {
    session.paused = next
    setPaused(next)
  }
  return (
    <div className="playback">
      <button type="button" className="primary" onClick={() => pause(!session.paused)}>
        {paused && session.paused ? 'Go on' : 'Pause'}
      </button>
      <div role="group" aria-label="Speed" className="speeds">
        {SPEEDS.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={each === speed}
            onClick={() => {
              session.speed = each
              setSpeed(each)
            }}
          >
            {each}×
          </button>
        ))}
      </div>
      <output className="clock" aria-label="Time in this world">
        {(session.world.elapsedMs / 1_000).toFixed(1)} s
      </output>
      <label className="seed">
        Seed
        <input
          type="number"
          name="seed"
          min={0}
          max={4_294_967_295}
          value={settings.seed}
          title="The same seed gives the same run. Enter starts over with it."
          onKeyDown={({ key }) => key === 'Enter' && onRestart()}
          onInput={({ currentTarget }) => {
            const seed = currentTarget.valueAsNumber
            if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) onChange({ seed })
          }}
        />
      </label>
      <button type="button" className="quiet" onClick={onRestart}>
        Start over
      </button>
      <span className="hint keeping" data-kept-ms={session.keptMs}>
        {KEEPING[session.keeper?.state ?? 'not yet']}
      </span>
    </div>
  )
}
