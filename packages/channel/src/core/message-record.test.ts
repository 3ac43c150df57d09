import { describe, expect, it } from 'vitest'
import { type KeptMessage, decodeKept, encodeKept } from './message-record.ts'

const message: KeptMessage = {
  senderId: 'alice',
  messageId: 'm1',
  payload: Uint8Array.of(1, 2, 3),
  late: false,
  own: true,
  ephemeral: false,
}

describe('a kept message', () => {
  it.each([
    ['a plain id', 'alice'],
    ['no id', ''],
    ['an id that begins with a byte order mark', '\ufeffalice'],
    ['an id that is no UTF-8', 'a\udc80\udcff'],
    ['an id of any letters', 'канал→x\u200d🙂'],
  ])('comes back as it was, with %s', (_, id) => {
    for (const kept of [
      { ...message, senderId: id },
      { ...message, messageId: id, late: true, own: false, ephemeral: true },
      { ...message, messageId: id, name: 'ab'.repeat(32) },
    ]) {
      expect(decodeKept(encodeKept(kept))).toEqual(kept)
    }
  })

  it('is none when its bytes are cut or changed', () => {
    const record = encodeKept({ ...message, senderId: '\udc80' })
    for (let length = 0; length < 20; length++) {
      const decoded = decodeKept(record.slice(0, length))
      expect([undefined, '\udc80']).toContain(decoded?.senderId)
    }
    expect(decodeKept(record.with(0, 2))).toBeUndefined()
    expect(decodeKept(record.with(7, 0))).toBeUndefined()
  })
})
