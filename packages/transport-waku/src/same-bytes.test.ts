import { equalBytes } from '@reliable-channels/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { findNodeCompare } from './same-bytes.ts'

it('finds the same bytes the same in Node as everywhere', () => {
  const inNode = findNodeCompare()!
  const bytes = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.boolean(), (a, other, at, changes) => {
      const b = a.slice()
      if (changes && b.length > 0) b[at % b.length]! ^= 1
      for (const one of [b, other, a.subarray(1), Buffer.from(a)])
        expect(inNode(a, one)).toBe(equalBytes(a, one))
    }),
  )
})

it('does without Node', () => {
  expect(findNodeCompare({})).toBeUndefined()
  expect(findNodeCompare({ Buffer: {} })).toBeUndefined()
})
