import { transportConformance } from '@reliable-channels/transport/testing'
import { describe, expect, it } from 'vitest'

import { createPair } from './pair.ts'

describe.concurrent('a Waku transport over a devnet', () => {
  transportConformance({
    describe: describe.concurrent,
    test: it,
    equal: (actual, expected, message) => expect(actual, message).toEqual(expected),
    create: () => createPair(),
  })
})
