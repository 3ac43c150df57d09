import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testHost } from '../../test/test-host.ts'
import { runRc } from '../run-rc.ts'

async function scriptOf(shell: string): Promise<string> {
  const host = testHost()
  expect(await runRc(['completion', shell], host)).toBe(0)
  return host.out()
}

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

describe('rc completion bash', () => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rc-completion-'))
    writeFileSync(join(folder, 'rc.bash'), await scriptOf('bash'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** What bash offers when the last of these words is completed. */
  function offers(...words: string[]): string[] {
    const quoted = ['rc', ...words].map((word) => `'${word}'`).join(' ')
    const program = `compopt() { echo "compopt $*"; }; source rc.bash; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _rc; printf '%s\\n' "\${COMPREPLY[@]}"`
    const printed = execFileSync('bash', ['-euc', program], { cwd: folder, encoding: 'utf8' })
    return printed.split('\n').filter((line) => line !== '')
  }

  it.each<[string[], string[]]>([
    [['ch'], ['chat']],
    [['re'], ['receive']],
    [['--v'], ['--version']],
    [['chat', '--de'], ['--devnet']],
    [['chat', 'lobby', '--devnet', '--pass'], ['--passphrase']],
    [['completion', 'f'], ['fish']],
    // Left to bash, which completes names of files there.
    [['send-file', 'lobby', 'pho'], []],
    [['chat', 'lobby', '--data', ''], ['compopt -o dirnames']],
    [['chat', '$(echo', 'x'], []],
  ])('completes %j', (words, offered) => {
    expect(offers(...words)).toEqual(offered)
  })

  it('offers all commands at first, and all options of one', () => {
    expect(offers('')).toEqual([
      ...['chat', 'send-file', 'receive', 'devnet', 'doctor', 'inspect', 'completion', 'help'],
      ...['--help', '--version'],
    ])
    expect(offers('inspect', '--')).toEqual([
      ...['--channel', '--topic', '--json', '--key', '--passphrase', '--help'],
    ])
  })
})

describe.each(['zsh', 'fish'])('rc completion %s', (shell) => {
  it('names every command and option', async () => {
    const script = await scriptOf(shell)
    for (const name of ['chat', 'send-file', 'receive', 'devnet', 'doctor', 'inspect', 'completion']) {
      expect(script).toContain(name)
    }
    for (const flag of ['passphrase', 'devnet', 'save', 'no-wait']) expect(script).toContain(flag)
  })

  it.skipIf(!isThere(shell))('is a script that the shell understands', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rc-completion-'))
    try {
      const path = join(folder, `rc.${shell}`)
      writeFileSync(path, await scriptOf(shell))
      const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

it('refuses a shell that it does not know', async () => {
  const host = testHost()
  expect(await runRc(['completion', 'tcsh'], host)).toBe(2)
  expect(host.errors()).toContain('Allowed choices are bash, zsh, fish')
})
