import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from './project.ts'

/** The files that the steps of a way name, in order. Its introduction names the pipe, which is read beside it. */
function filesOnTheWay(heading: string): string[] {
  const page = readFileSync(join(PROJECT_ROOT, 'ARCHITECTURE.md'), 'utf8')
  const [, way = ''] = page.split(`## ${heading}\n`)
  const [section = ''] = way.split('\n## ')
  const steps = section.slice(section.indexOf('\n1. '))
  return [...steps.matchAll(/\]\((packages\/[^)]*\.ts)\)/g)].map(([, path]) => path!)
}

describe("a payload's way through the files", () => {
  it.each([
    ["A payload's way out", ['packages/sds/src/ports.ts']],
    ['And in', []],
  ])('goes back into a file at most once: %s', (heading, comesBack) => {
    const files = filesOnTheWay(heading)
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((file, index) => files.indexOf(file) < index)).toEqual(comesBack)
  })
})
