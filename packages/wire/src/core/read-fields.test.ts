import { describe, expect, it } from 'vitest'

import { readFields } from './read-fields.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

describe('reading fields', () => {
  const wire = new WireWriter().text(1, 'a').varint(2, 7).text(1, 'b').finish()

  it('takes what is wanted and passes over the rest', () => {
    const reader = new WireReader(wire)
    const texts: string[] = []
    expect(readFields(reader, (tag) => tag === 10 && texts.push(reader.text()) > 0)).toBe(true)
    expect(texts).toEqual(['a', 'b'])
  })

  it('tells when the message ends too early', () => {
    for (let end = 0; end < wire.length; end++) {
      const whole = [0, 3, 5].includes(end)
      expect(readFields(new WireReader(wire, 0, end), () => false)).toBe(whole)
    }
  })

  it('lets through what is no mistake of a peer', () => {
    const bug = new TypeError('bug')
    expect(() =>
      readFields(new WireReader(wire), () => {
        throw bug
      }),
    ).toThrow(bug)
  })
})
