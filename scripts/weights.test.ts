import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from './project.ts'
import { bundle, weigh, weighTable } from './weights.ts'

const architecture = readFileSync(join(PROJECT_ROOT, 'ARCHITECTURE.md'), 'utf8')

describe('what each kilobyte of a bundle does', () => {
  it('is listed in ARCHITECTURE.md: every module of a channel and of SDS, with the figures of today', async () => {
    const { text, problems } = await weighTable(architecture)
    expect(problems).toEqual([])
    expect(text).toMatch(/\| `channel`, kB \|/)
  })

  it('finds a figure that is not true any more, and writes the true one', async () => {
    const stale = architecture.replace(/^\| [\d.]+ +(?=\|.*`leopard`)/m, '| 40.0 ')
    const { text, problems } = await weighTable(stale)
    expect(problems).toEqual([expect.stringMatching(/`leopard`.* weighs [\d.]+ kB in channel, not 40.0/)])
    expect(text).not.toContain('| 40.0 ')
  })

  it('finds a module that no row has', async () => {
    const lacking = architecture.replace('](packages/leopard)', '](packages/elsewhere)')
    await expect(weighTable(lacking)).rejects.toThrow('no row of the weights has packages/leopard/')
  })
})

describe('a bundle', () => {
  it('is taken apart where its modules begin and end', async () => {
    const { text, slices } = await bundle('sds/core')
    const of = (path: string): string => {
      const { start, end } = slices.find((slice) => slice.path === path)!
      return text.toString('utf8', start, end)
    }
    expect(of('packages/stage/src/core/stage.ts')).toMatch(/^var \w+=Object\.freeze\(\{outputs:.*\}\);$/)
    expect(of('packages/sds/src/core/wire/malformed-message.ts')).toMatch(
      /^var \w+=class extends Error\{name="MalformedMessage"\};function \w+\(.*\}$/,
    )
    expect(text.length - slices.at(-1)!.end).toBeLessThan(10)
  })

  it('weighs what its parts do together, whatever they have in common', async () => {
    const found = await bundle('sds/core')
    const weights = weigh(found, (path) => path.split('/')[1]!)
    const sum = [...weights.values()].reduce((total, weight) => total + weight, 0)
    expect(sum).toBeCloseTo(gzipSync(found.text, { level: 9 }).length, 3)
    expect([...weights.keys()]).toContain('hashes')
  })
})
