import { describe, expect, it } from 'vitest'
import type { ChatEntry } from './chat-log.ts'
import { messageText } from './say-message.ts'

const plain = (_format: string, text: string): string => text
const message: ChatEntry = {
  id: 'm',
  from: 'alice',
  isOwn: false,
  sentAt: 0,
  kind: 'text',
  text: 'hello',
}
const shown = (change: Partial<ChatEntry>): string => messageText({ ...message, ...change }, plain).slice(6)

describe('messageText', () => {
  it('says who said what', () => {
    expect(messageText(message, plain)).toMatch(/^\d\d:\d\d alice {2}hello$/)
    expect(messageText({ ...message, sentAt: Number.NaN }, plain)).toMatch(/^--:-- alice/)
  })

  it('ticks own messages once, and twice with the names of those who have them', () => {
    expect(shown({ isOwn: true })).toBe('alice  hello  ✓')
    expect(shown({ isOwn: true, deliveredTo: ['bob', 'carol'] })).toBe('alice  hello  ✓✓ bob, carol')
  })

  it('says where a file was saved', () => {
    const file = { bytes: 1_234, sha256: '', path: 'rc-files/a.txt' }
    expect(shown({ kind: 'file', text: 'a.txt', file })).toBe(
      'alice  sent a.txt (1,234 bytes), saved as rc-files/a.txt',
    )
  })

  it('lets nothing steer the terminal, keeps lines apart from those of others, and cuts what is very long', () => {
    expect(shown({ from: 'al\u001B[2Jice', text: 'a\u0007b\u202Ec' })).toBe('al\uFFFD[2Jice  a\uFFFDb\uFFFDc')
    expect(shown({ text: '1\n2\r\n3' })).toBe('alice  1\n      2\n      3')
    expect(shown({ text: 'x'.repeat(5_000) }).length).toBe('alice  '.length + 4_001)
  })
})
