import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'

const options = { cwd: tmpdir(), limitMs: 30_000 }
const node = (source: string): string[] => [process.execPath, '-e', source]

/** One that has ended and was not buried yet counts as gone. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe('a command', () => {
  it('returns what it printed', async () => {
    const printed = await runCommand(node('console.log(1); console.error(2)'), options)
    expect(printed).toEqual({ stdout: '1\n', stderr: '2\n' })
  })

  it('that fails is named with what it printed', async () => {
    await expect(runCommand(node('console.log("why"); process.exit(3)'), options)).rejects.toThrow(
      /cd .* && .*process\.exit\(3\)\nended with exit code 3\nwhy$/,
    )
    await expect(runCommand(['no-such-command'], options)).rejects.toThrow(/no-such-command\n.*ENOENT/)
  })

  it('leaves no process behind, whether it ends or takes too long', async () => {
    const { stdout } = await runCommand(['sh', '-c', 'sleep 600 & echo $!'], options)
    const late = await runCommand(['sh', '-c', 'sleep 600 & echo $!; wait'], {
      ...options,
      limitMs: 1_500,
    }).catch((error: Error) => error.message)
    expect(late).toContain('did not end within 1.5 s')
    for (const pid of [stdout, String(late).split('\n').at(-1)].map(Number)) {
      expect(pid).toBeGreaterThan(0)
      await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
    }
  })

  it('is given nothing of what pnpm sets for its scripts', async () => {
    const { stdout } = await runCommand(
      node('console.log(Object.keys(process.env).filter((name) => /^(npm|pnpm)_/i.test(name)).length)'),
      options,
    )
    expect(stdout).toBe('0\n')
  })
})
