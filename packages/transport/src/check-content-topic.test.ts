import { describe, expect, it } from 'vitest'
import { checkContentTopic } from './check-content-topic.ts'

// N11
describe('checkContentTopic', () => {
  it.each(['/chat/1/room/proto', '/0/chat/1/room/proto', '/a b/ü/ /x'])('accepts %s', (topic) => {
    expect(() => checkContentTopic(topic)).not.toThrow()
  })

  it.each([
    'chat',
    'chat/1/room/proto',
    '/chat/1/room',
    '/chat/1/room/proto/more',
    '/1/chat/1/room/proto',
    '//1/room/proto',
    '/chat/1/room/',
    '/chat/1/room/proto/',
  ])('refuses %s', (topic) => {
    expect(() => checkContentTopic(topic)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ENVELOPE',
        message: `"contentTopic" expected /application/version/name/encoding, such as /chat/1/room/proto, got "${topic}"`,
      }),
    )
  })

  it('refuses what is no text', () => {
    expect(() => checkContentTopic(undefined as never)).toThrow('"contentTopic" expected a non-empty string')
    expect(() => checkContentTopic('')).toThrow('"contentTopic" expected a non-empty string')
  })
})
