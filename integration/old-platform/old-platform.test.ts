import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

const run = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(
    process.execPath,
    [
      '--conditions=@reliable-channels/source',
      '--import',
      new URL('newer-than-node-20.ts', import.meta.url).href,
      ...args,
    ],
    { encoding: 'utf8', timeout: 120_000, cwd: fileURLToPath(new URL('..', import.meta.url)) },
  )

// N11
it('the quick start runs where there is nothing newer than Node.js 20', () => {
  const example = new URL('../../packages/channel/examples/quick-start.ts', import.meta.url)
  const { status, stdout, stderr } = run(fileURLToPath(example))
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain('alice hello through 30 % loss\n')
})

// N11
it('where @waku/sdk cannot run, one sentence says so', () => {
  const script = `
    import { createWakuTransport } from '@reliable-channels/transport-waku'
    await createWakuTransport({ network: 'the-waku-network' }).catch((error) => console.log(error.code, error.message))`
  const { stdout } = run('--input-type=module', '--eval', script)
  expect(stdout).toMatch(/^ERR_PLATFORM_TOO_OLD @waku\/sdk needs Node\.js 22\.12 or newer[^\n]*\n$/)
})

// N11
it('where the command line cannot run, one sentence says so', () => {
  const bin = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url))
  const { status, stdout, stderr } = run(bin, 'chat', 'lobby', '--sim')
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^rc: Node\.js 22\.12 or newer is needed, and this is Node\.js [\d.]+\n$/)
})
