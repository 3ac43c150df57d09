import { createKeccak256, keccak256 } from '@reliable-channels/keccak'

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const text = new TextEncoder()

console.log(hex(keccak256(text.encode('hello'))))

// The same in pieces. A clone may be digested while the original goes on.
const hasher = createKeccak256().update(text.encode('hel'))
console.log(hex(hasher.clone().digest()))
console.log(hex(hasher.update(text.encode('lo')).digest()))
