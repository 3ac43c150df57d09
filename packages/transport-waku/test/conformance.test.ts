import { transportConformance } from '@reliable-channels/transport/testing'
import { describe, expect, it } from 'vitest'

import { createPair } from './pair.ts'

describe('a Waku transport over a devnet', () => {
  transportConformance({
    describe,
    test: it,
    equal: (actual, expected, message) => expect(actual, message).toEqual(expected),
    create: () => createPair(),
  })
})
