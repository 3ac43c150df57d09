import { expect, test } from 'vitest'
import { PlatformTooOldError, checkPlatform } from './check-platform.ts'

// N11
test('a Node.js that is too old is told what is needed and what it is', () => {
  const node20 = { Promise: {}, process: { versions: { node: '20.20.2' } } }
  expect(() => checkPlatform('@waku/sdk', node20)).toThrow(
    new PlatformTooOldError(
      '@waku/sdk needs Node.js 22.12 or newer, or a browser of 2024 or newer: this is Node.js 20.20.2',
    ),
  )
})

test('a browser that is too old is told what it lacks', () => {
  expect(() => checkPlatform('libp2p', { Promise: {} })).toThrow('this platform lacks Promise.withResolvers')
})

test('what is there counts, not the version', () => {
  const mended = { Promise: { withResolvers: () => {} }, process: { versions: { node: '20.20.2' } } }
  expect(() => checkPlatform('libp2p', mended)).not.toThrow()
  expect(() => checkPlatform('libp2p')).not.toThrow()
})
