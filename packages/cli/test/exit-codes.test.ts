import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../src/exit-codes.ts'

describe('the exit codes', () => {
  it('are those that the README lists', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const listed = [...readme.matchAll(/^\| (\d+(?:, \d+)*) +\|/gm)].flatMap(([, codes]) =>
      codes!.split(', '),
    )
    expect(listed.map(Number)).toEqual(Object.values(EXIT))
  })

  it.each([
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
  ] as const)('tell that a process was ended by %s', async (signal, code) => {
    const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
    const rc = spawn(
      process.execPath,
      [
        '--conditions=@reliable-channels/source',
        bin,
        'receive',
        'lobby',
        '--sim',
        '--count',
        '9',
        '--json',
        '--save',
        tmpdir(),
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const ended = once(rc, 'exit')
    await once(rc.stdout, 'data')
    rc.kill(signal)
    expect(await ended).toEqual([code, null])
  })
})
