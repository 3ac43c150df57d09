import fc from 'fast-check'
import { expect, it } from 'vitest'
import { base64Url, base64UrlBytes } from './base64-url.ts'

it('writes four letters for three bytes, without what stands for nothing, and reads them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = base64Url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(base64UrlBytes(text)).toEqual(new Uint8Array(bytes))
    }),
  )
})
