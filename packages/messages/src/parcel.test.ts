import { WireWriter } from '@reliable-channels/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Parcel, parcelCodec } from './parcel.ts'

const text = fc.string({ unit: 'grapheme' })
const parcel: fc.Arbitrary<Parcel> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text }),
  fc.record({ kind: fc.constant('file' as const), name: text, bytes: fc.uint8Array() }),
)

describe('parcelCodec', () => {
  it('reads what it has written', () => {
    fc.assert(
      fc.property(parcel, (one) => {
        expect(parcelCodec.decode(parcelCodec.encode(one))).toEqual(one)
      }),
    )
  })

  it('writes a text as field 1, and a file as its name in field 2 and its bytes in field 3', () => {
    const said = new WireWriter().text(1, 'hi').finish()
    expect(parcelCodec.encode({ kind: 'text', text: 'hi' })).toEqual(said)
    const bytes = Uint8Array.of(7)
    const sent = new WireWriter().text(2, 'a.txt').bytes(3, bytes).finish()
    expect(parcelCodec.encode({ kind: 'file', name: 'a.txt', bytes })).toEqual(sent)
  })

  it('reads anything as a parcel, or throws an error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          expect(['text', 'file']).toContain(parcelCodec.decode(bytes).kind)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })

  it('passes over fields of later versions', () => {
    const bytes = new WireWriter().varint(9, 1).text(1, 'hello').bytes(77, new Uint8Array(3)).finish()
    expect(parcelCodec.decode(bytes)).toEqual({ kind: 'text', text: 'hello' })
  })
})
