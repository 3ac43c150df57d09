import { seededRandom } from '@reliable-channels/simulator'
import { loss, offline, partition, tunnel } from './themes/network.ts'
import { amnesia, crash, freeze, join, leave, reopen, rollback, sleep, tabs } from './themes/processes.ts'
import { clocks, store, transport } from './themes/machines.ts'
import { hostile, impostors, large, liars, orders, receipts } from './themes/talk.ts'
import type { Theme } from './themes/theme.ts'

/** What may go wrong, by name. */
export const themes: Readonly<Record<string, Theme>> = {
  loss,
  partition,
  offline,
  sleep,
  freeze,
  leave,
  crash,
  amnesia,
  rollback,
  reopen,
  clocks,
  store,
  transport,
  join,
  tabs,
  tunnel,
  hostile,
  liars,
  impostors,
  large,
  orders,
  receipts,
}

/** Themes that are for whoever asks for them: the rounds of a seed without a theme are what they always were. */
const UNASKED: ReadonlySet<string> = new Set([
  'orders',
  'receipts',
  'tabs',
  'tunnel',
  'hostile',
  'liars',
  'impostors',
])

export const themeNames: readonly string[] = Object.keys(themes)
/** Those that a seed may choose. */
export const commonThemes: readonly string[] = themeNames.filter((name) => !UNASKED.has(name))

/** Whether a round can be of it: a theme, `everything`, or several joined by `+`. */
export function isTheme(text: string): boolean {
  return text.split('+').every((name) => name === 'everything' || Object.hasOwn(themes, name))
}

/** The themes of a seed where none is asked for: each alone, pairs, everything. */
export function themeOf(seed: number): string {
  const kinds = [...commonThemes, 'pair', 'pair', 'pair', 'pair', 'everything', 'everything']
  const kind = kinds[seed % kinds.length]!
  if (kind !== 'pair') return kind
  const random = seededRandom(seed, 'pair')
  const first = Math.floor(random() * commonThemes.length)
  const second = (first + 1 + Math.floor(random() * (commonThemes.length - 1))) % commonThemes.length
  return [commonThemes[first]!, commonThemes[second]!].join('+')
}

export function themesOf(theme: string, random: () => number): Theme[] {
  // With everything at once nothing would be left.
  const names = theme
    .split('+')
    .flatMap((name) => (name === 'everything' ? commonThemes.filter(() => random() < 0.7) : [name]))
  return names.flatMap((name) => (name === 'none' ? [] : [themes[name]!]))
}
