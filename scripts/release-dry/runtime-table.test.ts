import { expect, it } from 'vitest'
import { runtimePage } from './runtime-table.ts'

it('says what runs where, and what does not', () => {
  const runtimes = [
    { name: 'Node.js 22', package: 'node', version: '22.1.0', flags: [] },
    { name: 'Bun', package: 'bun', version: '1.4.5', flags: [] },
  ]
  const outcome = (row: string, runtime: string, title: string, problem?: string) => ({
    row,
    runtime,
    title,
    problem,
  })
  const page = runtimePage(runtimes, [
    outcome('stage', 'Node.js 22', 'stage/a.ts'),
    outcome('stage', 'Node.js 22', 'stage/b.ts'),
    outcome('stage', 'Bun', 'stage/a.ts'),
    outcome('stage', 'Bun', 'stage/b.ts', 'ended with exit code 1'),
    outcome('wire', 'Node.js 22', 'wire/a.ts'),
  ])
  expect(page).toContain(
    [
      '| what is run | Node.js 22.1.0 | Bun 1.4.5   |',
      '| ----------- | -------------- | ----------- |',
      '| stage       | all 2 run      | 1 of 2 runs |',
      '| wire        | runs           | –           |',
      '',
      '- `stage/b.ts` does not run on Bun.',
      '',
    ].join('\n'),
  )
  // As the formatter would lay it out.
  expect(page).not.toContain('\n\n\n')
})
