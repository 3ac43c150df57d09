import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROJECT_ROOT } from './project.ts'

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20 }

/** The number that a default is, as people or code write it; `undefined` where it is none. */
function numberOf(text: string): number | undefined {
  const match = /^`?([\d_,.]+)(?: \*\* (\d+)| (KiB|MiB))?`?(?![\w.])/.exec(text.trim())
  if (match === null) return undefined
  const value = Number(match[1]!.replaceAll(/[_,]/g, ''))
  const [, , power, unit] = match
  return power === undefined ? value * (UNITS[unit ?? ''] ?? 1) : value ** Number(power)
}

/** The numbers among the defaults that docstrings of a package give, by the name of the option. */
function defaultsIn(folder: string): Map<string, Set<number>> {
  const defaults = new Map<string, Set<number>>()
  for (const entry of readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || entry.endsWith('.test.ts')) continue
    const source = readFileSync(join(folder, 'src', entry), 'utf8')
    for (const [, doc, name] of source.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:readonly )?(\w+)\?:/g)) {
      const number = numberOf(/@default\s+([^\n]*)/.exec(doc!)?.[1] ?? '')
      if (number !== undefined) defaults.set(name!, (defaults.get(name!) ?? new Set()).add(number))
    }
  }
  return defaults
}

/** Rows of tables that give a number as the default of one option. */
function* rowsOf(readme: string): Generator<[name: string, number: number]> {
  for (const [, name, given] of readme.matchAll(/^\| `(\w+)` +\| ([^|]*?) *\|/gm)) {
    const number = numberOf(given!)
    if (number !== undefined) yield [name!, number]
  }
}

// N6
it('READMEs give the defaults that the code has', () => {
  const wrong: string[] = []
  let compared = 0
  for (const name of readdirSync(join(PROJECT_ROOT, 'packages'))) {
    const folder = join(PROJECT_ROOT, 'packages', name)
    if (!existsSync(join(folder, 'README.md'))) continue
    const defaults = defaultsIn(folder)
    for (const [option, number] of rowsOf(readFileSync(join(folder, 'README.md'), 'utf8'))) {
      const known = defaults.get(option)
      if (known === undefined) continue
      compared++
      if (!known.has(number)) wrong.push(`${name}: ${option} is ${[...known].join(' or ')}, not ${number}`)
    }
  }
  expect(wrong).toEqual([])
  expect(compared).toBeGreaterThan(60)
})

it.each([
  ['1,000', 1_000],
  ['`33_554_432`', 33_554_432],
  ['2 ** 27', 134_217_728],
  ['`2 ** 28`', 268_435_456],
  ['128 MiB', 134_217_728],
  ['134_217_728 (128 MiB)', 134_217_728],
  ['0.001', 0.001],
  ['by topic', undefined],
  ["`'lip'`", undefined],
])('the default %s is understood', (text, number) => {
  expect(numberOf(text)).toBe(number)
})
