import { PRESETS, type Preset } from './world/presets.ts'
import { NUMBER_SETTINGS, PEERS, type Settings } from './world/settings.ts'

/** What the chat runs over. */
export type Network = 'simulated' | 'waku'

/** The network that the address of the page names. */
export function networkOf(search: string): Network {
  return new URLSearchParams(search).get('network') === 'waku' ? 'waku' : 'simulated'
}

/** Reads preset, seed and changed settings from the address of the page. Whatever makes no sense there is passed over. */
export function fromAddress(search: string): { readonly preset: Preset; readonly settings: Settings } {
  const query = new URLSearchParams(search)
  const preset = PRESETS.find(({ id }) => id === query.get('preset')) ?? PRESETS[0]!
  const changed: Partial<Record<keyof Settings, number | string>> = {}
  for (const { name, min, max } of NUMBER_SETTINGS) {
    const value = Number(query.get(name) ?? Number.NaN)
    if (value >= min && value <= max) changed[name] = value
  }
  const seed = Number(query.get('seed') ?? Number.NaN)
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) changed.seed = seed
  const cutOff = PEERS.find((peer) => peer === query.get('partition'))
  if (cutOff !== undefined) changed.partition = cutOff
  return { preset, settings: { ...preset.settings, ...changed } as Settings }
}

/** The query that brings these settings back. */
export function toAddress(preset: Preset, settings: Settings): string {
  const query = new URLSearchParams({ preset: preset.id, seed: String(settings.seed) })
  for (const { name } of NUMBER_SETTINGS)
    if (settings[name] !== preset.settings[name]) query.set(name, String(settings[name]))
  if (settings.partition !== 'nobody') query.set('partition', settings.partition)
  return `?${query.toString()}`
}
