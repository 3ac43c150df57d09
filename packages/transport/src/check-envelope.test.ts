import { describe, expect, it } from 'vitest'
import { checkEnvelope } from './check-envelope.ts'
import type { Envelope } from './transport.ts'

const good: Envelope = {
  contentTopic: '/a/1/b/c',
  payload: new Uint8Array(10),
  ephemeral: false,
  meta: new Uint8Array(64),
}

describe('checkEnvelope', () => {
  it('refuses what is no envelope', () => {
    const nothing = undefined as never
    expect(() => checkEnvelope(nothing, 10)).toThrow('"envelope" expected an object, got undefined')
    const meta = 'marker' as never
    expect(() => checkEnvelope({ ...good, meta }, 10)).toThrow(
      '"meta" expected a Uint8Array, got a string of 6 characters',
    )
  })

  it('accepts a payload and a meta of the largest sizes', () => {
    expect(() => checkEnvelope(good, 10)).not.toThrow()
    expect(() =>
      checkEnvelope({ contentTopic: 'x', payload: Uint8Array.of(1), ephemeral: true }, 10),
    ).not.toThrow()
  })

  // MSG-28
  it.each([
    [
      'a larger payload',
      {},
      9,
      'ERR_MESSAGE_TOO_LARGE',
      'payload of 10 bytes: the transport carries at most 9; use smaller segments',
    ],
    [
      'no payload',
      { payload: new Uint8Array() },
      10,
      'ERR_INVALID_ENVELOPE',
      '"payload" expected at least 1 byte, got 0',
    ],
    [
      'a payload that is none',
      { payload: 'text' as never },
      10,
      'ERR_INVALID_ENVELOPE',
      '"payload" expected a Uint8Array, got a string of 4 characters: use new TextEncoder().encode(text)',
    ],
    [
      'no content topic',
      { contentTopic: '' },
      10,
      'ERR_INVALID_ENVELOPE',
      '"contentTopic" expected a non-empty string, got ""',
    ],
    [
      'a longer meta',
      { meta: new Uint8Array(67) },
      10,
      'ERR_INVALID_ENVELOPE',
      '"meta" expected at most 64 bytes, got 67',
    ],
  ])('refuses %s', (_, change, max, code, message) => {
    expect(() => checkEnvelope({ ...good, ...change }, max)).toThrow(
      expect.objectContaining({ code, message }),
    )
  })
})
