import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
    expect(said).toMatch(/^ok {5}good/m)
    expect(said).not.toContain('fine')
    expect(said).toContain('FAILED bad')
    expect(said).toContain('       here')
    expect(said).toContain('       and there')
    expect(said).toContain('exit code 1')
  })

  it('run side by side, but for one that is alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gates-'))
    const log = JSON.stringify(join(folder, 'log'))
    // Each notes that it has begun, goes on for a while, so that who does not wait for it is seen, waits for another, and
    // notes that it ends.
    const gate = (name: string, other: string): string[] =>
      node(`const { appendFileSync, readFileSync } = require('node:fs')
        const note = (text) => appendFileSync(${log}, text + ' ')
        note('${name}')
        setTimeout(process.exit, 60_000, 1).unref()
        const look = () => (readFileSync(${log}, 'utf8').includes('${other}') ? note('${name}-end') : setTimeout(look, 300))
        setTimeout(look, 400)`)
    const outcomes = await runGates(
      [
        { name: 'a', command: gate('a', 'b-end') },
        { name: 'b', command: gate('b', 'a') },
        { name: 'alone', command: gate('alone', 'alone'), alone: true },
        { name: 'c', command: gate('c', 'd') },
        { name: 'd', command: gate('d', 'c') },
      ],
      () => {},
    )
    const noted = readFileSync(join(folder, 'log'), 'utf8').trim().split(' ')
    rmSync(folder, { recursive: true })
    expect(outcomes.map(({ name }) => name)).toEqual(['a', 'b', 'alone', 'c', 'd'])
    expect(noted.slice(0, 4).toSorted()).toEqual(['a', 'a-end', 'b', 'b-end'])
    expect(noted.slice(4, 6)).toEqual(['alone', 'alone-end'])
    expect(outcomes.every(({ passed }) => passed)).toBe(true)
  })
})
