import fc from 'fast-check'
import { expect, it } from 'vitest'

import { portableSha256 } from './core/message.ts'
import { findNodeSha256 } from './sha256.ts'

it('gives the same hash in Node as everywhere', () => {
  const ofNode = findNodeSha256()!
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (parts) => {
      expect(ofNode(parts)).toBe(portableSha256(parts))
    }),
  )
})

it('does without Node', () => {
  expect(findNodeSha256({})).toBeUndefined()
  expect(findNodeSha256({ process: { getBuiltinModule: () => undefined } })).toBeUndefined()
})

it('does without who imitates Node and has the function, but not the hash', () => {
  // F24
  const imitated = (createHash: unknown): unknown =>
    findNodeSha256({ process: { getBuiltinModule: () => ({ createHash }) } })
  const hash = { update: () => hash, digest: () => '00' }
  expect(imitated(() => hash)).toBeUndefined()
  expect(
    imitated(() => {
      throw new Error('not implemented')
    }),
  ).toBeUndefined()
})
