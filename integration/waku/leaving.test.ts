import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

it('nothing keeps a process alive in which all channels, transports and service nodes were closed', () => {
  const script = fileURLToPath(new URL('leaver.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@reliable-channels/source', script],
    // Trap 11 does not show when NODE_ENV is "test".
    { encoding: 'utf8', timeout: 280_000, env: { ...process.env, NODE_ENV: 'production' } },
  )
  // On a slow machine it may be asked what is held after all: nothing.
  expect([status, stdout.replace(/^held: \n$/, ''), stderr]).toEqual([0, '', ''])
})
