import { from, lastValueFrom, map, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { reassemble, segment } from '../src/index.ts'
import { payloadOf } from './wire-vectors.ts'

describe('segment and reassemble', () => {
  it('bring a payload through as it was', async () => {
    const payload = payloadOf(1_000_000)
    const got = await lastValueFrom(
      from([{ payload, tag: 'a' }]).pipe(
        segment({ parityRate: 0.5 }),
        map((f) => f),
        reassemble(),
        toArray(),
      ),
    )
    expect(got).toHaveLength(1)
    expect(got[0]!.payload).toEqual(payload)
    expect(got[0]!.tag).toBe('a')
  })
})
