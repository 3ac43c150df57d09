import type { ReactNode } from 'react'
import type { Preset } from '../world/presets.ts'

/** The situations to choose from, and what to look for in the chosen one. */
export function Presets({
  presets,
  current,
  onChoose,
}: {
  readonly presets: readonly Preset[]
  readonly current: Preset
  readonly onChoose: (preset: Preset) => void
}): ReactNode {
  return (
    <nav className="presets" aria-label="Situations">
      <div className="preset-row">
        {presets.map((preset) => (
          <button
            key={preset.id}
            type="button"
            className="chip"
            data-preset={preset.id}
            aria-pressed={preset.id === current.id}
            onClick={() => onChoose(preset)}
          >
            {preset.title}
          </button>
        ))}
      </div>
      <p className="story">{current.story}</p>
    </nav>
  )
}
