import { describe, expect, it } from 'vitest'
import { runGates } from './gates.ts'

const node = (source: string): string[] => [process.execPath, '-e', source]

describe('the gates', () => {
  it('all run, whatever fails among them', async () => {
    const outcomes = await runGates(
      [
        { name: 'first', command: node('') },
        { name: 'second', command: node('process.exit(2)') },
        { name: 'third', command: node('process.kill(process.pid)') },
        { name: 'fourth', command: ['no-such-command'] },
        { name: 'fifth', command: node('') },
      ],
      () => {},
    )
    expect(outcomes.map(({ name, passed }) => [name, passed])).toEqual([
      ['first', true],
      ['second', false],
      ['third', false],
      ['fourth', false],
      ['fifth', true],
    ])
  })

  it('show what a failing one printed, and nothing of one that passed', async () => {
    const lines: string[] = []
    await runGates(
      [
        { name: 'good', command: node(`console.log('fine')`) },
        {
          name: 'bad',
          command: node(`console.log('here'); console.error('and there'); process.exitCode = 1`),
        },
      ],
      (line) => lines.push(line),
    )
    const said = lines.join('\n')
    expect(said).toMatch(/^ok {5}good/)
    expect(said).not.toContain('fine')
    expect(said).toContain('FAILED bad')
    expect(said).toContain('       here')
    expect(said).toContain('       and there')
    expect(said).toContain('exit code 1')
  })
})
