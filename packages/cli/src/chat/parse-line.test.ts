import { expect, it } from 'vitest'
import { type ChatLine, parseLine } from './parse-line.ts'

it.each<[string, ChatLine]>([
  ['hello', { kind: 'text', text: 'hello' }],
  ['', { kind: 'text', text: '' }],
  ['//etc is a directory', { kind: 'text', text: '/etc is a directory' }],
  ['/send my photo.jpg ', { kind: 'send', path: 'my photo.jpg' }],
  ['/send', { kind: 'unknown', problem: '/send takes a file: /send photo.jpg' }],
  ['/who', { kind: 'who' }],
  ['/quit', { kind: 'quit' }],
  ['/help me', { kind: 'help' }],
  ['/dance', { kind: 'unknown', problem: 'there is no /dance: /help lists what there is' }],
])('understands %j', (line, meaning) => {
  expect(parseLine(line)).toEqual(meaning)
})
