import { expect, it } from 'vitest'
import { createMetHashes } from './met-hashes.ts'

it('are the newest 5,000 at least, and 10,000 at most, each counted once', () => {
  const met = createMetHashes()
  for (let n = 0; n < 25_000; n++) for (let twice = 0; twice < 2; twice++) met.add(`hash ${n}`)
  expect([14_999, 20_000, 24_999].map((n) => met.has(`hash ${n}`))).toEqual([false, true, true])
})
